"""Rules about clusters where nobody says in which of several the weights run."""

from __future__ import annotations

import json
import textwrap

import pytest

from mlsec_lint.cli import main
from mlsec_lint.rules.config import read_config
from mlsec_lint.source import Source

CLUSTER = """
resource "aws_eks_cluster" "{name}" {{
  name     = "{name}"
  role_arn = "arn:aws:iam::111122223333:role/eks"
  vpc_config {{
    subnet_ids              = ["subnet-0a"]
    endpoint_public_access  = {public}
    endpoint_private_access = true
  }}
}}
"""
JOB = """
apiVersion: batch/v1
kind: Job
metadata: {name: sft, namespace: training}
spec:
  template:
    spec:
      containers:
        - name: trainer
          image: registry.acme.example/trainer
          args: [--output_dir, s3://acme-weights/sft]
          resources: {limits: {nvidia.com/gpu: 8}}
"""
RULE = "access-control-plane"


def clusters(**public):
    return "".join(
        CLUSTER.format(name=name, public=str(value).lower())
        for name, value in public.items()
    )


@pytest.fixture
def scan(tmp_path, capsys):
    """Writes files, scans them, gives the JSON report."""

    def run(files, baseline="SL2", *more):
        for path, text in files.items():
            place = tmp_path / "repo" / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(textwrap.dedent(text), encoding="utf-8")
        folder = str(tmp_path / "repo")
        main(["scan", folder, "--baseline", baseline, "--format", "json", *more])
        return json.loads(capsys.readouterr().out)

    return run


def of(report, rule):
    return [f for f in report["findings"] if f["rule"] == rule]


def verdicts(report, rule):
    return [(f["subject"], f["verdict"]) for f in of(report, rule)]


@pytest.mark.parametrize(
    ("public", "failed", "waits"),
    [
        ({"a": True, "b": True}, ["a", "b"], False),
        ({"a": False, "b": False}, [], False),
        ({"a": True, "b": False}, [], True),
        ({"a": True, "b": True, "c": False}, [], True),
    ],
)
def test_what_all_candidates_agree_on_is_decided(scan, public, failed, waits):
    report = scan({"main.tf": clusters(**public), "deploy/job.yaml": JOB})
    expected = [(f"aws_eks_cluster.{name}", "fail") for name in failed]
    assert verdicts(report, RULE) == expected
    questions = of(report, "which-cluster")
    assert any(RULE in f["message"] for f in questions) is waits
    for finding in of(report, RULE):
        assert "runs in one of 2 clusters" in finding["because"][0]["words"]


def test_what_is_open_is_one_finding_with_the_line_that_settles_it(scan):
    files = {"main.tf": clusters(a=True, b=False)}
    for name in ("sft", "dpo", "rl"):
        files[f"deploy/{name}/job.yaml"] = JOB.replace("sft", name)
    report = scan(files, "SL3")
    (finding,) = of(report, "which-cluster")
    assert finding["verdict"] == "unknown"
    assert "aws_eks_cluster.a, aws_eks_cluster.b" in finding["message"]
    assert "deploy/dpo/, deploy/rl/, deploy/sft/" in finding["message"]
    assert finding["settle"] == ['clusters: {path: "deploy/dpo/"}']
    assert '{path: "deploy/dpo/", cluster: ...}' in finding["fix"]
    told = {r["address"] for r in finding["related"]}
    assert {"Job/training/sft", "Job/training/dpo", "Job/training/rl"} <= told
    assert any(r["words"].startswith(f"{RULE} waits") for r in finding["related"])
    assert verdicts(report, RULE) == []
    assert "which-cluster" in {rule["id"] for rule in report["rules"]}
    lines = (
        "clusters:\n- {path: deploy/, cluster: a}\n- {path: deploy/rl/, cluster: b}\n"
    )
    settled = scan({".mlsec-lint.yaml": lines}, "SL3")
    assert of(settled, "which-cluster") == []
    assert verdicts(settled, RULE) == [("aws_eks_cluster.a", "fail")]


def test_many_folders_are_told_by_the_folder_above(scan):
    files = {"main.tf": clusters(a=True, b=False)}
    for number in range(9):
        path = f"deploy/models/m{number}/job.yaml"
        files[path] = JOB.replace("sft", f"m{number}")
    (finding,) = of(scan(files), "which-cluster")
    assert finding["settle"] == ['clusters: {path: "deploy/models/"}']


def test_the_same_question_has_the_same_fingerprint(scan):
    files = {"main.tf": clusters(a=True, b=False), "deploy/job.yaml": JOB}
    (before,) = of(scan(files), "which-cluster")
    more = {"other/job.yaml": JOB.replace("sft", "dpo")}
    (after,) = of(scan(more, "SL3"), "which-cluster")
    assert before["fingerprint"] == after["fingerprint"]


def test_an_undecided_question_counts_at_the_strictest_level(scan):
    files = {"main.tf": clusters(a=True, b=False), "job.yaml": JOB}
    assert not scan(files, "SL1")["incomplete"]
    assert of(scan(files, "SL1"), "which-cluster") == []
    report = scan(files, "SL4")
    (finding,) = of(report, "which-cluster")
    assert finding["severity"] == "high"
    assert report["incomplete"]


def test_an_exception_takes_its_rule_out_of_the_question(scan):
    lines = f"exceptions:\n- {{rule: {RULE}, address: '*', reason: known}}\n"
    files = {"main.tf": clusters(a=True, b=False), "job.yaml": JOB}
    report = scan(files | {".mlsec-lint.yaml": lines})
    (accepted,) = of(report, RULE)
    assert accepted["suppression"]["reason"] == "known"
    assert all(RULE not in f["message"] for f in of(report, "which-cluster"))


def test_a_certain_cluster_is_judged_beside_a_question(scan):
    lines = "clusters:\n- {path: lab/, cluster: a}\n"
    files = {
        "main.tf": clusters(a=True, b=False),
        "lab/job.yaml": JOB,
        "dev/job.yaml": JOB.replace("sft", "dpo"),
        ".mlsec-lint.yaml": lines,
    }
    report = scan(files)
    assert verdicts(report, RULE) == [("aws_eks_cluster.a", "fail")]


def test_sarif_has_a_descriptor_for_the_question(scan, tmp_path):
    files = {"main.tf": clusters(a=True, b=False), "job.yaml": JOB}
    out = tmp_path / "out.sarif"
    scan(files, "SL3", "--output", f"sarif:{out}")
    run = json.loads(out.read_text(encoding="utf-8"))["runs"][0]
    (result,) = [r for r in run["results"] if "which-cluster" in r["ruleId"]]
    assert result["ruleId"] == "undecided:which-cluster"
    assert result["kind"] == "open"
    known = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert known[result["ruleIndex"]] == result["ruleId"]


@pytest.mark.parametrize("form", ["text", "markdown", "junit", "gitlab", "github"])
def test_every_report_tells_the_question(scan, tmp_path, form):
    files = {"main.tf": clusters(a=True, b=False), "job.yaml": JOB}
    out = tmp_path / "out"
    scan(files, "SL3", "--output", f"{form}:{out}")
    assert "which-cluster" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("clusters: x", 1, "must be a list"),
        ("clusters:\n- {path: a}", 2, "needs 'cluster'"),
        ("clusters:\n- {cluster: a}", 2, "has a `path` or a `namespace`"),
        ("clusters:\n- {pth: a, path: b, cluster: c}", 2, "did you mean 'path'"),
        ("clusters:\n- {path: '../a', cluster: c}", 2, "no pattern of paths"),
        ("clusters:\n- {path: '!a', cluster: c}", 2, "no pattern of paths"),
        ("clusters:\n- {path: '" + "**/a" * 9 + "', cluster: c}", 2, "no pattern"),
        ("clusters:\n- {path: 'a\\', cluster: c}", 2, "no pattern of paths"),
        ("clusters:\n- {path: '[z-a]', cluster: c}", 2, "no pattern of paths"),
        ("clusters:\n- {path: '#a', cluster: c}", 2, "no pattern of paths"),
        ("clusters:\n- {path: a, cluster: []}", 2, "`cluster` must be text"),
        ("clusters:\n- {path: a, cluster: {b: c}}", 2, "must be a list"),
        ("clusters:\n- {path: '', cluster: c}", 2, "must be text"),
        ("clusters:\n" + "- {path: a, cluster: c}\n" * 501, 502, "more than 500"),
    ],
)
def test_errors_of_the_config_stand_at_their_line(text, line, words):
    config, errors = read_config(Source(".mlsec-lint.yaml", text))
    assert config.clusters == ()
    assert any(error.line == line and words in error.text for error in errors), errors


def test_what_the_config_takes():
    text = "clusters:\n- {path: [a, b], namespace: x, cluster: [c, d]}\n"
    config, errors = read_config(Source(".mlsec-lint.yaml", text))
    assert errors == []
    (entry,) = config.clusters
    assert (entry.paths, entry.namespaces, entry.clusters) == (
        ("a", "b"),
        ("x",),
        ("c", "d"),
    )
    assert entry.span.text == "[c, d]"


@pytest.mark.parametrize("pattern", ["[z-a]", "a\\", "!"])
def test_a_pattern_that_cannot_be_read_is_an_error_of_the_config(pattern):
    text = f"baseline: SL2\nexclude: ['{pattern}']\n"
    _, errors = read_config(Source(".mlsec-lint.yaml", text))
    assert [(e.line, "no pattern" in e.text) for e in errors] == [(2, True)]


def test_more_patterns_than_can_be_read_are_an_error_of_the_config():
    text = f"exclude: [{'a, ' * 5_000}]\n"
    _, errors = read_config(Source(".mlsec-lint.yaml", text))
    assert ["more than can be read" in e.text for e in errors] == [True]
