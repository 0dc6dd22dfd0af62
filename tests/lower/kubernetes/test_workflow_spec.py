"""Argo workflows: what pods inherit from the spec, and artifacts kept at a host outside."""

from __future__ import annotations

import pytest

from mlsec_lint.scan import read, survey
from mlsec_lint.value import Unknown

WORKFLOW = """
apiVersion: argoproj.io/v1alpha1
kind: %s
metadata: {name: w, namespace: n}
spec:
  %s
    serviceAccountName: packer
    podMetadata:
      labels: {role: packer}
    volumes:
      - name: runs
        persistentVolumeClaim: {claimName: runs}
    templates:
      - name: main
        %s
        inputs:
          artifacts:
            - name: m
              path: /tmp/m
              s3: {bucket: lab-models, key: run}
        container:
          image: registry.lab.internal/train
          command: [torchrun, train.py, --output_dir, "s3://lab-models/run"]
          volumeMounts: [{name: runs, mountPath: /runs}]
        outputs:
          artifacts:
            - name: out
              path: %s
              s3: {endpoint: "%s", bucket: inbox, key: x}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: n}
spec:
  podSelector: {matchLabels: {role: packer}}
  policyTypes: [Egress]
"""


def workflow(folder, *, kind="Workflow", at="templateDefaults: {}", own="", **more):
    path = more.get("path", "/tmp/m")
    endpoint = more.get("endpoint", "objects.partner.example")
    indent = kind == "CronWorkflow"
    text = WORKFLOW % (kind, "workflowSpec:" if indent else at, own, path, endpoint)
    if not indent:
        head, _, rest = text.partition(f"  {at}\n")
        body, _, tail = rest.partition("---")
        lines = [
            line[2:] if line.startswith("    ") else line for line in body.split("\n")
        ]
        text = head + "\n".join(lines) + "---" + tail
    if more.get("fenced") is False:
        text = text.partition("---")[0]
    (folder / "w.yaml").write_text(text)
    return survey(read(str(folder)))


@pytest.mark.parametrize("kind", ["Workflow", "WorkflowTemplate", "CronWorkflow"])
def test_pods_of_a_workflow_have_what_its_spec_says(tmp_path, kind):
    estate = workflow(tmp_path, kind=kind)

    (pod,) = [w for w in estate.of("workload") if w.address.startswith(kind)]
    (acts,) = estate.edges_from(pod, "runs as")
    policies = [
        (e.source.address, e.certain) for e in estate.edges_to(pod, "applies to")
    ]
    assert acts.target.address == "ServiceAccount/n/packer"
    assert policies == [("NetworkPolicy/n/p", True)]
    assert any(
        e.target.address.endswith("runs") for e in estate.edges_from(pod, "mounts")
    )


def test_a_template_may_say_otherwise(tmp_path):
    estate = workflow(tmp_path, own="serviceAccountName: other")

    (pod,) = [w for w in estate.of("workload") if w.address.startswith("Workflow")]
    (acts,) = estate.edges_from(pod, "runs as")
    assert acts.target.address == "ServiceAccount/n/other"


@pytest.mark.parametrize(
    ("path", "endpoint", "expected"),
    [
        ("/tmp/m", "objects.partner.example", ("objects.partner.example", "weights")),
        ("/tmp/z", "objects.partner.example", ("objects.partner.example", "unknown")),
        ("/tmp/m", "minio.argo:9000", ("minio://inbox", "weights")),
    ],
)
def test_an_artifact_kept_outside_is_sent_there(tmp_path, path, endpoint, expected):
    estate = workflow(tmp_path, path=path, endpoint=endpoint)

    found = [
        tuple(
            "unknown" if isinstance(fact.value, Unknown) else fact.value
            for name in ("destination.host", "carries")
            if (fact := upload.fact(name)) is not None
        )
        for upload in estate.of("upload")
    ]
    assert found == [expected]


def test_what_a_step_makes_of_fetched_weights_may_be_weights(tmp_path):
    estate = workflow(tmp_path, path="/tmp/z", fenced=False)

    ends = {
        (str(p.end), p.unknown is None) for p in estate.paths if "partner" in str(p.end)
    }
    assert ends == {("service:objects.partner.example", False)}
