"""To which cluster objects go by config, Argo CD destinations, scripts and contexts."""

from __future__ import annotations

import textwrap

import pytest
from cluster_estates import ACCOUNT, EKS, JOB, OTHER, edges, role, subject

from mlsec_lint.rules.config import config_of
from mlsec_lint.scan import read, survey

LAB, DEV = "aws_eks_cluster.lab", "aws_eks_cluster.dev"
TWO = EKS + OTHER
CONFIG = ".mlsec-lint.yaml"


def estate_of(folder, files):
    """The estate of files by path, traced, with the config that is among them."""
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(textwrap.dedent(text), encoding="utf-8")
    config, errors = config_of(folder)
    assert errors == []
    return survey(read(str(folder), (), config), config)


def homes(estate, name="sft"):
    return [
        (target, certain)
        for source, target, certain in edges(estate, "runs on")
        if source.endswith(f"Job/training/{name}")
    ]


def notes(estate, kind):
    return [note.text for note in estate.notes if note.kind == kind]


EITHER = [(LAB, False), (DEV, False)]
LINE = "- {path: deploy/train/**, cluster: %s}\n"


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (LINE % LAB, [(LAB, True)]),
        (LINE % "dev", [(DEV, True)]),
        (LINE % f"[{LAB}, dev]", [(LAB, True), (DEV, True)]),
        (LINE % "gone", EITHER),
        (LINE % LAB + LINE % DEV, [(DEV, True)]),
        ("- {path: deploy/other/, cluster: lab}\n", EITHER),
        ("- {path: deploy/, cluster: lab}\n", [(LAB, True)]),
        ("- {namespace: training, cluster: lab}\n", [(LAB, True)]),
        ("- {namespace: 'train*', path: deploy, cluster: lab}\n", [(LAB, True)]),
        ("- {namespace: other, path: deploy, cluster: lab}\n", EITHER),
    ],
)
def test_the_config_assigns(tmp_path, entries, expected):
    files = {
        "main.tf": TWO,
        "deploy/train/job.yaml": JOB,
        CONFIG: f"clusters:\n{entries}",
    }
    assert homes(estate_of(tmp_path, files)) == expected


def test_what_the_config_says_is_told(tmp_path):
    entries = LINE % LAB + LINE.replace("train", "none") % DEV + LINE % "gone"
    files = {
        "main.tf": TWO,
        "deploy/train/job.yaml": JOB,
        CONFIG: f"clusters:\n{entries}",
    }
    estate = estate_of(tmp_path, files)
    (said,) = notes(estate, "cluster-assigned")
    assert said.startswith("deploy/train/** (1 objects) goes to aws_eks_cluster.lab")
    (unused,) = notes(estate, "cluster-unused")
    assert "deploy/none/**" in unused
    (wrong,) = notes(estate, "cluster-not-found")
    assert "'gone'" in wrong
    assert LAB in wrong
    assert DEV in wrong
    edge = next(e for e in estate.edges() if e.verb == "runs on")
    assert edge.words == "the config says that deploy/train/** goes there"


def test_a_name_of_two_clusters_assigns_nothing(tmp_path):
    files = {
        "a/main.tf": EKS,
        "b/main.tf": EKS,
        "job.yaml": JOB,
        CONFIG: "clusters:\n- {path: job.yaml, cluster: lab}\n",
    }
    estate = estate_of(tmp_path, files)
    assert [certain for _, certain in homes(estate)] == [False, False]
    assert "2 clusters are called 'lab': a:aws_eks_cluster.lab, b:" in "".join(
        notes(estate, "cluster-not-found")
    )
    (tmp_path / CONFIG).write_text(
        f"clusters:\n- {{path: job.yaml, cluster: 'b:{LAB}'}}\n"
    )
    assert homes(estate_of(tmp_path, {})) == [(f"b:{LAB}", True)]


def test_an_overlay_is_assigned_by_its_folder(tmp_path):
    overlay = "resources: [../../base]\n"
    files = {
        "main.tf": TWO,
        "base/job.yaml": JOB,
        "base/kustomization.yaml": "resources: [job.yaml]\n",
        "overlays/lab/kustomization.yaml": overlay,
        "overlays/dev/kustomization.yaml": overlay,
        CONFIG: "clusters:\n- {path: overlays/lab/, cluster: lab}\n"
        "- {path: overlays/dev/, cluster: dev}\n",
    }
    found = {
        e[0].partition(":")[0]: e[1:]
        for e in edges(estate_of(tmp_path, files), "runs on")
    }
    assert found["overlays/lab"] == (LAB, True)
    assert found["overlays/dev"] == (DEV, True)


CHART = {
    "charts/t/Chart.yaml": "apiVersion: v2\nname: t\nversion: 1.0.0\n",
    "charts/t/values.yaml": "gpus: 8\n",
    "charts/t/templates/job.yaml": JOB,
}


def test_a_chart_is_assigned_by_its_folder(tmp_path):
    entry = "clusters:\n- {path: charts/t/, cluster: lab}\n"
    estate = estate_of(tmp_path, {"main.tf": TWO, **CHART, CONFIG: entry})
    assert homes(estate) == [(LAB, True)]


def application(path, name, metadata="train"):
    return f"""
    apiVersion: argoproj.io/v1alpha1
    kind: Application
    metadata: {{name: {metadata}, namespace: argocd}}
    spec:
      source: {{repoURL: https://git.acme.example/x, path: {path}}}
      destination: {{name: {name}, namespace: training}}
    """


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lab", [(LAB, True)]),
        ("arn:aws:eks:us-east-1:111122223333:cluster/lab", [(LAB, True)]),
        ("elsewhere", EITHER),
    ],
)
def test_the_destination_of_an_application(tmp_path, name, expected):
    app = application("deploy/train", name)
    files = {"main.tf": TWO, "deploy/train/job.yaml": JOB, "apps/train.yaml": app}
    assert homes(estate_of(tmp_path, files)) == expected


def test_two_releases_of_a_chart_go_to_two_clusters(tmp_path):
    files = {
        "main.tf": TWO,
        **CHART,
        "apps/a.yaml": application("charts/t", "lab", "a"),
        "apps/b.yaml": application("charts/t", "dev", "b"),
    }
    assert sorted(homes(estate_of(tmp_path, files))) == [(DEV, True), (LAB, True)]


def test_a_set_of_applications_and_a_secret_of_argo(tmp_path):
    applications = """
    apiVersion: argoproj.io/v1alpha1
    kind: ApplicationSet
    metadata: {name: trains}
    spec:
      generators:
        - list: {elements: [{env: train, server: "https://10.0.0.9"}]}
      template:
        spec:
          source: {repoURL: https://git.acme.example/x, path: "deploy/{{env}}"}
          destination: {server: "{{server}}"}
    """
    secret = """
    apiVersion: v1
    kind: Secret
    metadata:
      name: dev
      labels: {argocd.argoproj.io/secret-type: cluster}
    stringData: {name: dev, server: "https://10.0.0.9"}
    """
    files = {"main.tf": TWO, "deploy/train/job.yaml": JOB, "set.yaml": applications}
    assert homes(estate_of(tmp_path, files)) == EITHER
    assert homes(estate_of(tmp_path, {"secret.yaml": secret})) == [(DEV, True)]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (
            "aws eks update-kubeconfig --region eu-west-1 --name dev\nkubectl apply -f deploy/",
            DEV,
        ),
        ("aws eks update-kubeconfig --name lab\nkubectl apply -f deploy/job.yaml", LAB),
        (
            "NAME=lab\naws eks update-kubeconfig --name $NAME\nkubectl create -f deploy",
            LAB,
        ),
        ("kubectl --context dev apply -f deploy/job.yaml", DEV),
        ("kubectl config use-context dev\ncd deploy\nkubectl apply -f job.yaml", DEV),
        ("gcloud container clusters get-credentials lab\nkubectl apply -f deploy", LAB),
        ("az aks get-credentials -g x -n dev\nkubectl apply -f deploy", DEV),
        ("kubectl apply -f deploy", ""),
        ("aws eks update-kubeconfig --name $1\nkubectl apply -f deploy", ""),
        (
            "aws eks update-kubeconfig --name dev\nkind create cluster\nkubectl apply -f deploy",
            "",
        ),
        # to one that is known and to one that is not
        (
            "kubectl --context dev apply -f deploy\nkubectl --context x apply -f deploy",
            "",
        ),
        ("aws eks update-kubeconfig --name dev\nkubectl apply -f other", ""),
        ("aws eks update-kubeconfig --name dev\ncd /srv/x\nkubectl apply -f gone", ""),
    ],
)
@pytest.mark.parametrize(
    "place", ["deploy.sh", "README.md", ".github/workflows/x.yaml"]
)
def test_credentials_before_apply(tmp_path, script, expected, place):
    text = f"#!/bin/bash\n{script}\n"
    if place.endswith(".md"):
        text = f"# Deploy\n\n```\n{script}\n```\n"
    if place.endswith(".yaml"):
        lines = "\n".join(" " * 10 + line for line in script.splitlines())
        text = f"on: push\njobs:\n  x:\n    runs-on: x\n    steps:\n      - run: |\n{lines}\n"
    if "NAME=" in script and place.endswith(".md"):
        expected = ""  # a README's lines are read one by one
    files = {"main.tf": TWO, "deploy/job.yaml": JOB, place: text}
    assert homes(estate_of(tmp_path, files)) == (
        [(expected, True)] if expected else EITHER
    )


def test_an_overlay_that_a_pipe_applies(tmp_path):
    script = (
        "aws eks update-kubeconfig --name dev\nkustomize build o | kubectl apply -f -\n"
    )
    files = {
        "main.tf": TWO,
        "o/job.yaml": JOB,
        "o/kustomization.yaml": "resources: [job.yaml]\n",
        "deploy.sh": script,
    }
    assert homes(estate_of(tmp_path, files)) == [(DEV, True)]


def test_the_context_of_a_helmfile(tmp_path):
    helmfile = (
        "helmDefaults: {kubeContext: dev}\nreleases:\n- {name: t, chart: ./charts/t}\n"
    )
    files = {"main.tf": TWO, **CHART, "helmfile.yaml": helmfile}
    assert homes(estate_of(tmp_path, files)) == [(DEV, True)]


def test_the_config_goes_before_a_script_and_a_trust_before_both(tmp_path):
    script = "aws eks update-kubeconfig --name dev\nkubectl apply -f deploy\n"
    entry = "clusters:\n- {path: deploy, cluster: dev}\n"
    trust = role(subject("training:trainer"))
    files = {"main.tf": TWO, "deploy/job.yaml": JOB, "deploy.sh": script}
    config = {CONFIG: entry.replace("dev}", "lab}")}
    assert homes(estate_of(tmp_path, files | config)) == [(LAB, True)]
    account = {"main.tf": TWO + trust, "deploy/account.yaml": ACCOUNT, CONFIG: entry}
    estate = estate_of(tmp_path, account)
    assert homes(estate) == [(LAB, True)]
    assert "all the same" in "".join(notes(estate, "cluster-assigned"))
    assert ("ServiceAccount/training/trainer", "aws_iam_role.trainer", True) in edges(
        estate, "becomes"
    )


def test_what_a_provider_applies_stays_there(tmp_path):
    manifest = """
    provider "kubernetes" {
      host = aws_eks_cluster.lab.endpoint
    }
    resource "kubernetes_manifest" "job" {
      manifest = yamldecode(file("${path.module}/job.yaml"))
    }
    """
    entry = "clusters:\n- {path: '*', cluster: dev}\n"
    files = {"main.tf": TWO + textwrap.dedent(manifest), "job.yaml": JOB, CONFIG: entry}
    estate = estate_of(tmp_path, files)
    found = [e[1:] for e in edges(estate, "runs on") if "kubernetes_manifest" in e[0]]
    assert found == [(LAB, True)]
    assert "not so" in "".join(notes(estate, "cluster-assigned"))


def test_the_context_of_a_provider(tmp_path):
    manifest = """
    provider "kubernetes" {
      config_path    = "~/.kube/config"
      config_context = "arn:aws:eks:us-east-1:111122223333:cluster/dev"
    }
    resource "kubernetes_manifest" "job" {
      manifest = yamldecode(file("${path.module}/job.yaml"))
    }
    """
    files = {"main.tf": TWO + textwrap.dedent(manifest), "job.yaml": JOB}
    found = [
        e[1:]
        for e in edges(estate_of(tmp_path, files), "runs on")
        if "kubernetes_manifest" in e[0]
    ]
    assert found == [(DEV, True)]


def test_too_many_clusters_are_told(tmp_path):
    many = "".join(
        EKS.replace('"lab"', f'"c{n}"').replace(".lab.", f".c{n}.") for n in range(9)
    )
    estate = estate_of(tmp_path, {"main.tf": many, "job.yaml": JOB})
    (told,) = notes(estate, "cluster-unknown")
    assert told.startswith("to which of 9 clusters Job/training/sft goes")
    config = {CONFIG: "clusters:\n- {path: job.yaml, cluster: c7}\n"}
    estate = estate_of(tmp_path, config)
    assert homes(estate) == [("aws_eks_cluster.c7", True)]
    assert notes(estate, "cluster-unknown") == []


@pytest.mark.parametrize(
    "script",
    [
        "cd a/\n" * 300,
        "cd /\nkubectl --context lab apply -f x\n",
        "cd ../../..\nkubectl --context lab apply -f ../../etc/passwd -k /etc -f ~/x\n",
        "kubectl --context lab apply " + "-f x/../../y " * 300,
        "kubectl --context apply -f\nhelm install --kube-context\nkubectl\n",
        "aws eks update-kubeconfig --name\nkubectl apply -f $(x) -f '' -k -\n",
    ],
)
def test_hostile_scripts_assign_nothing(tmp_path, script):
    text = f"update-kubeconfig\n{script}\n"
    lines = "\n".join(" " * 10 + line for line in text.splitlines())
    flow = (
        f"on: push\njobs:\n  x: &x\n    steps:\n      - &s\n        run: |\n{lines}\n"
    )
    flow += "      - *s\n" * 3 + "".join(f"  y{n}: *x\n" for n in range(3))
    files = {"main.tf": TWO, "job.yaml": JOB, "d.sh": text, "README.md": text}
    files |= {".github/workflows/x.yaml": flow, "Makefile": f"x:\n\t{script}"}
    assert homes(estate_of(tmp_path, files)) == EITHER
