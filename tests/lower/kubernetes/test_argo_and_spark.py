"""Argo's artifacts lead to stores; Spark's driver and executors are pods."""

from __future__ import annotations

import pytest
from manifests import estate_of, only, said, targets, value, values

WORKFLOW = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: w, namespace: ml}
spec:
  entrypoint: train
  artifactRepositoryRef: {configMap: repos, key: main}
  templates:
  - name: train
    inputs:
      artifacts:
      - {name: base, path: /base, s3: {bucket: base-models, key: llm/x, endpoint: s3.us-east-1.amazonaws.com}}
      - {name: code, path: /src, git: {repo: "https://github.com/x/y"}}
      - {name: data, path: /data, raw: {data: x}}
    outputs:
      artifacts:
      - {name: ckpt, path: /out, gcs: {bucket: lab-ckpt, key: run}}
      - {name: kept, path: /out/final}
      - {name: own, path: /out, s3: {bucket: b, key: k, endpoint: "minio.ml.svc:9000"}}
      - {name: sent, path: /out, http: {url: "https://files.example.com/put"}}
      - {name: az, path: /tmp/logs, azure: {endpoint: "https://labaccount.blob.core.windows.net", container: logs, blob: x}}
      - {name: open, path: /out, oss: {bucket: "{{inputs.parameters.bucket}}", key: k}}
    container:
      image: a
      command: [torchrun, t.py, --model_name_or_path, /base, --output_dir, /out]
      resources: {limits: {nvidia.com/gpu: 1}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: repos, namespace: ml}
data:
  main: |
    s3:
      bucket: lab-artifacts
      keyFormat: "a/{{workflow.name}}"
"""


def test_artifacts(tmp_path):
    estate = estate_of(tmp_path, w__yaml=WORKFLOW)
    workload = only(estate, "workload")
    assert "s3://base-models" in targets(estate, workload, "reads")
    for name in ("gs://lab-ckpt", "s3://lab-artifacts", "minio://b"):
        assert name in targets(estate, workload, "writes")
        assert said(estate.find("store", name))[0][0] == "referenced"
    assert said(estate.find("store", "s3://base-models"))[0][0] == "referenced"
    logs = "abfss://logs@labaccount.dfs.core.windows.net"
    assert logs in targets(estate, workload, "writes")
    assert said(estate.find("store", logs)) == []
    sent = only(estate, "upload", destination__host="files.example.com")
    assert values(sent, "carries", "enabled") == ("weights", True)
    unsure = [e for e in estate.edges_from(workload, "writes") if not e.certain]
    assert [e.target.address for e in unsure if e.source is workload] == [
        "oss://{{inputs.parameters.bucket}}"
    ]


@pytest.mark.parametrize(
    ("revision", "pinned"),
    [("", False), (", revision: main", False), (f", revision: {'a' * 40}", True), (", revision: '{{x}}'", "?")],
)  # fmt: skip
def test_artifacts_of_hdfs_git_and_raw_text(tmp_path, revision, pinned):
    token = "hf_" + "aZ9kQ2mN7vR4tY6uB8wE1xC3pL5sD0fGhJ"
    text = WORKFLOW.replace(
        'git: {repo: "https://github.com/x/y"}',
        f'git: {{repo: "https://github.com/x/y"{revision}}}',
    )
    text = text.replace("raw: {data: x}", f"raw: {{data: 'export HF_TOKEN={token}'}}")
    text = text.replace("gcs: {bucket: lab-ckpt, key: run}", "hdfs: {addresses: ['nn:8020'], path: /ckpt/run}")  # fmt: skip
    estate = estate_of(tmp_path, w__yaml=text)
    workload = only(estate, "workload")
    assert "hdfs://nn:8020" in targets(estate, workload, "writes")
    assert said(estate.find("store", "hdfs://nn:8020"))[0][0] == "referenced"
    code = only(estate, "fetch", type="code")
    assert values(code, "host", "pinned") == ("github.com", pinned)
    assert values(only(estate, "secret"), "type", "plain") == (
        "hugging-face-token",
        True,
    )


def test_repository_of_the_namespace(tmp_path):
    text = WORKFLOW.replace(
        "  artifactRepositoryRef: {configMap: repos, key: main}\n", ""
    ).replace(
        "metadata: {name: repos, namespace: ml}",
        "metadata: {name: artifact-repositories, namespace: ml, annotations: "
        "{workflows.argoproj.io/default-artifact-repository: main}}",
    )
    estate = estate_of(tmp_path, w__yaml=text)
    assert "s3://lab-artifacts" in targets(estate, only(estate, "workload"), "writes")


SPARK = """\
apiVersion: sparkoperator.k8s.io/v1beta2
kind: {kind}
metadata: {{name: s, namespace: ml}}
spec:
{indent}image: lab/spark:1
{indent}volumes: [{{name: v, hostPath: {{path: /mnt/weights}}}}]
{indent}driver:
{indent}  serviceAccount: spark
{indent}  hostNetwork: true
{indent}  env: [{{name: HF_TOKEN, valueFrom: {{secretKeyRef: {{name: s, key: k}}}}}}]
{indent}executor:
{indent}  gpu: {{name: nvidia.com/gpu, quantity: 1}}
{indent}  securityContext: {{privileged: true}}
{indent}  volumeMounts: [{{name: v, mountPath: /weights}}]
"""


@pytest.mark.parametrize("kind", ["SparkApplication", "ScheduledSparkApplication"])
def test_spark(tmp_path, kind):
    scheduled = kind.startswith("Scheduled")
    text = SPARK.format(kind=kind, indent="    " if scheduled else "  ")
    if scheduled:
        text = text.replace("spec:\n", "spec:\n  template:\n", 1)
    estate = estate_of(tmp_path, s__yaml=text)
    driver, executor = estate.of("workload")
    assert targets(estate, driver, "runs as") == ["ServiceAccount/ml/spark"]
    assert values(driver, "host.network", "accelerator") == (True, False)
    assert value(executor, "accelerator") is True
    first, second = estate.of("container")
    assert values(first, "image.reference", "privileged") == ("lab/spark:1", False)
    assert values(second, "image.reference", "privileged") == ("lab/spark:1", True)
    assert said(estate.find("store", "hostPath:/mnt/weights"))[0][0] == "referenced"


STEPS = """
apiVersion: argoproj.io/v1alpha1
kind: %s
metadata: {name: w, namespace: ml}
spec:
  %s
    - name: build
      container: {name: main, image: x/y}
      sidecars:
        - {name: dind, image: "docker:28-dind", securityContext: {privileged: true}}
    - name: train
      resource:
        action: create
        manifest: |
          apiVersion: batch/v1
          kind: Job
          metadata: {generateName: "t-{{workflow.name}}"}
          spec:
            template:
              spec:
                serviceAccountName: trainer
                containers:
                  - name: main
                    image: lab/train
                    command: [torchrun, t.py, --output_dir, "s3://lab-weights/x"]
                    resources: {limits: {nvidia.com/gpu: 8}}
"""


@pytest.mark.parametrize(
    ("kind", "at"),
    [("WorkflowTemplate", "templates:"), ("CronWorkflow", "")],
)  # fmt: skip
def test_what_runs_beside_a_step_and_what_a_step_makes(tmp_path, kind, at):
    text = STEPS % (kind, at)
    if kind == "CronWorkflow":
        text = STEPS % (kind, "workflowSpec:\n    templates:")
        head, _, steps = text.partition("templates:\n")
        text = head + "templates:\n" + "".join(f"  {x}\n" for x in steps.splitlines())
    estate = estate_of(tmp_path, a__yaml=text)
    beside = only(estate, "container", image__reference="docker:28-dind")
    assert value(beside, "privileged") is True
    made = estate.find("workload", f"{kind}/ml/w#train")
    assert value(made, "accelerator") is True
    assert targets(estate, made, "runs as") == ["ServiceAccount/ml/trainer"]
    assert targets(estate, made, "writes") == ["s3://lab-weights"]
    (edge,) = estate.edges_from(made, "writes")
    assert "s3://lab-weights" in text.splitlines()[edge.span.line - 1]


def test_a_manifest_of_a_step_that_is_no_yaml(tmp_path):
    text = (STEPS % ("WorkflowTemplate", "templates:")).partition("manifest:")[0]
    estate = estate_of(
        tmp_path, a__yaml=text + 'manifest: "{ [: {{=x}} containers: - "\n'
    )
    assert [p.address for p in estate.of("workload")] == ["WorkflowTemplate/ml/w"]
