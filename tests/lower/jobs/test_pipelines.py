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
