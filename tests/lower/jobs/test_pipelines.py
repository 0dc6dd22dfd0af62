"""Compiled pipelines and managed jobs: executors, importers, claims, roots."""

from __future__ import annotations

from manifests import estate_of, only, said, targets, value, values

IR = """\
pipelineInfo: {name: tune}
defaultPipelineRoot: gs://lab-runs/root
components:
  comp-train:
    executorLabel: exec-train
    outputDefinitions:
      artifacts:
        model: {artifactType: {schemaTitle: system.Model}}
deploymentSpec:
  executors:
    exec-train:
      container:
        image: lab/train@sha256:%s
        command:
        - sh
        - -ec
        - |
          torchrun t.py --output_dir /ckpt
        - |

          import os

          def train():
              api.upload_folder(folder_path="/ckpt", repo_id="lab/m")
        args: [--executor_input, '{{$}}']
        env:
        - {name: WANDB_API_KEY, value: 9f3c1e7ab2d48605c3e9f1a7b6d2048e5c7a9b31}
        - {name: WANDB_LOG_MODEL, value: end}
        resources: {accelerator: {count: '8', type: nvidia.com/gpu}}
    exec-look:
      container: {image: python:3.11, command: [python, x.py]}
    exec-base:
      importer:
        artifactUri: {constant: "gs://base/llm"}
        typeSchema: {schemaTitle: system.Model}
    exec-data:
      importer:
        artifactUri: {constant: "gs://texts/a.txt"}
        typeSchema: {schemaTitle: system.Dataset}
    exec-late:
      importer:
        artifactUri: {runtimeParameter: uri}
        typeSchema: {schemaTitle: system.Model}
root: {dag: {tasks: {}}}
schemaVersion: 2.1.0
---
platforms:
  kubernetes:
    deploymentSpec:
      executors:
        exec-train:
          pvcMount:
          - {mountPath: /ckpt, constant: runs}
          - {mountPath: /made, taskOutputParameter: {outputParameterKey: name, producerTask: createpvc}}
          secretAsEnv:
          - secretName: hub
            keyToEnv: [{secretKey: t, envVar: HF_TOKEN}]
""" % ("0" * 64)

CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: runs, namespace: ml}
spec: {accessModes: [ReadWriteMany]}
"""


def test_compiled_pipeline(tmp_path):
    estate = estate_of(tmp_path, p__yaml=IR)
    pipeline, train, look = estate.of("workload")
    assert [w.address for w in (pipeline, train, look)] == [
        "p.yaml#tune", "p.yaml#exec-train", "p.yaml#exec-look",
    ]  # fmt: skip
    assert targets(estate, pipeline, "writes") == ["gs://lab-runs"]
    assert said(estate.find("store", "gs://lab-runs"))[0][0] == "referenced"
    assert targets(estate, pipeline, "reads") == ["gs://base"]
    assert targets(estate, pipeline, "takes data from") == ["gs://texts"]
    assert said(estate.find("store", "gs://texts")) == []
    assert value(train, "accelerator") is True
    assert value(look, "accelerator") is False
    assert train.span.line == 12
    assert targets(estate, train, "writes") == ["p.yaml#claim/runs"]
    images = [values(c, "image.pinned", "accelerator") for c in estate.of("container")]
    assert images == [(True, True), (False, False)]
    hub = only(estate, "upload", channel="hub")
    assert values(hub, "destination.repository", "carries") == ("lab/m", "weights")
    assert hub.span.line == 24
    assert only(estate, "upload", service="wandb", carries="weights")
    secrets = {values(s, "type", "plain") for s in estate.of("secret")}
    assert secrets == {("wandb-key", True), ("hugging-face-token", False)}
    assert len(list(estate.of("mount"))) == 2


def test_claim_of_the_scan(tmp_path):
    estate = estate_of(tmp_path, a__yaml=CLAIM, p__yaml=IR)
    train = estate.find("workload", "p.yaml#exec-train")
    assert targets(estate, train, "writes") == ["PersistentVolumeClaim/ml/runs"]
    edges = estate.edges_from(train, "writes")
    assert [e.certain for e in edges] == [False]


VERTEX = """\
workerPoolSpecs:
- machineSpec: {machineType: a3-highgpu-8g, acceleratorType: NVIDIA_H100_80GB, acceleratorCount: 8}
  containerSpec:
    imageUri: us-docker.pkg.dev/lab/x/train:1
    command: [torchrun, t.py]
    args: [--push_to_hub, --output_dir, gs://lab-out/x]
    env: [{name: HF_TOKEN, value: %s}]
- machineSpec: {machineType: n1-standard-4}
  pythonPackageSpec: {executorImageUri: a/b, pythonModule: t, args: [--x]}
baseOutputDirectory: {outputUriPrefix: gs://lab-ckpt/run}
serviceAccount: train@lab.iam.gserviceaccount.com
network: projects/1/global/networks/n
"""
ACCOUNT = """\
resource "google_service_account" "t" {
  account_id = "train"
  project    = "lab"
}
"""
TOKEN = "hf_" + "aZ9kQ2mN7vR4tY6uB8wE1xC3pL5sD0fGhJ"


def test_vertex_job(tmp_path):
    estate = estate_of(tmp_path, v__yaml=VERTEX % TOKEN, m__tf=ACCOUNT)
    job = only(estate, "workload")
    assert values(job, "type", "accelerator") == ("managed", True)
    assert targets(estate, job, "writes") == ["gs://lab-ckpt", "gs://lab-out"]
    assert targets(estate, job, "runs as") == ["google_service_account.t"]
    assert value(only(estate, "upload", channel="hub"), "enabled") is True
    images = [value(c, "image.reference") for c in estate.of("container")]
    assert images == ["us-docker.pkg.dev/lab/x/train:1", "a/b"]
    assert value(only(estate, "secret"), "plain") is True


def test_vertex_job_of_the_client(tmp_path):
    text = """\
    {"display_name": "x", "job_spec": {"worker_pool_specs": [
      {"machine_spec": {"machine_type": "g2-standard-4"},
       "container_spec": {"image_uri": "a"}}],
      "base_output_directory": {"output_uri_prefix": "gs://o"}}}
    """
    estate = estate_of(tmp_path, v__json=text)
    job = only(estate, "workload", accelerator=True)
    assert job.address == "v.json#x"
    assert targets(estate, job, "writes") == ["gs://o"]


SAGEMAKER = """\
{
  "TrainingJobName": "sft",
  "AlgorithmSpecification": {"TrainingImage": "1.dkr.ecr.us-east-1.amazonaws.com/t:1"},
  "RoleArn": "arn:aws:iam::123456789012:role/train",
  "OutputDataConfig": {"S3OutputPath": "s3://lab-out/x", "KmsKeyId": ""},
  "CheckpointConfig": {"S3Uri": "s3://lab-ckpt/x"},
  "InputDataConfig": [
    {"ChannelName": "model", "DataSource": {"S3DataSource": {"S3Uri": "s3://base/llm"}}},
    {"ChannelName": "train", "DataSource": {"S3DataSource": {"S3Uri": "s3://texts/a"}}}
  ],
  "ResourceConfig": {"InstanceType": "ml.p5.48xlarge", "InstanceCount": 2},
  "EnableNetworkIsolation": true,
  "HyperParameters": {"push_to_hub": "true", "hub_model_id": "lab/m"},
  "Environment": {"WANDB_API_KEY": "$WANDB", "WANDB_LOG_MODEL": "checkpoint"}
}
"""


def test_sagemaker_job(tmp_path):
    estate = estate_of(tmp_path, j__json=SAGEMAKER)
    job = only(estate, "workload")
    assert values(job, "type", "accelerator", "egress.default_deny") == (
        "managed", True, True,
    )  # fmt: skip
    assert targets(estate, job, "writes") == ["s3://lab-out", "s3://lab-ckpt"]
    assert targets(estate, job, "reads") == ["s3://base"]
    assert targets(estate, job, "takes data from") == ["s3://texts"]
    assert said(estate.find("store", "s3://texts")) == []
    assert value(only(estate, "upload", channel="hub"), "enabled") is True
    assert only(estate, "upload", service="wandb", carries="weights")
    assert value(only(estate, "secret"), "plain") is False
    assert value(only(estate, "container"), "image.pinned") is False
