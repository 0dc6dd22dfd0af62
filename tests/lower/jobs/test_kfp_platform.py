"""What a pipeline's platform document gives its pods, and custom jobs that it starts."""

from __future__ import annotations

import pytest
from manifests import estate_of, only, targets, value, values

PIPELINE = """\
pipelineInfo: {name: p}
schemaVersion: 2.1.0
deploymentSpec:
  executors:
    exec-train:
      container:
        image: lab/train:1
        command: [torchrun, t.py, --output_dir, /data/ckpt]
root: {dag: {tasks: {}}}
---
platforms:
  kubernetes:
    deploymentSpec:
      executors:
        exec-train:
"""


def pipeline(tmp_path, extra):
    return estate_of(tmp_path, p__yaml=PIPELINE + f"          {extra}\n")


def test_variables_of_secrets_and_config_maps(tmp_path):
    estate = pipeline(
        tmp_path,
        "{secretAsEnv: [{secretName: w, keyToEnv: [{secretKey: k, envVar: WANDB_API_KEY}]}],"
        " configMapAsEnv: [{configMapName: c, keyToEnv: [{configMapKey: k, envVar: HF_ENDPOINT}]}]}",
    )
    assert values(only(estate, "secret"), "type", "plain") == ("wandb-key", False)
    assert value(only(estate, "endpoint"), "host") == "?"


@pytest.mark.parametrize(
    ("extra", "kind"),
    [
        ("{emptyDirMounts: [{volumeName: v, mountPath: /data}]}", "empty-disk"),
        ("{emptyDirMounts: [{volumeName: v, mountPath: /data, medium: Memory}]}",
         "empty-memory"),
        ("{genericEphemeralVolume: [{volumeName: v, mountPath: /data}]}", "block"),
        ("{pvcMount: [{mountPath: /data, constant: c}]}", "claim"),
    ],
)  # fmt: skip
def test_mounts(tmp_path, extra, kind):
    mount = only(pipeline(tmp_path, extra), "mount")
    assert values(mount, "type", "path") == (kind, "/data")
    assert mount.evidence


def test_the_user_the_node_and_what_runs_first(tmp_path):
    estate = pipeline(
        tmp_path,
        "{securityContext: {runAsUser: '0'}, nodeSelector: {labels:"
        " {cloud.google.com/gke-accelerator: nvidia-h100}}, initContainers:"
        " [{name: i, image: 'busybox:1', command: [sh, -c, 'hf upload lab/m /data']}]}",
    )
    train = estate.find("workload", "p.yaml#exec-train")
    assert value(train, "accelerator") is True
    main, first = estate.of("container")
    assert value(main, "run_as_root") is True
    assert value(first, "image.reference") == "busybox:1"
    assert value(only(estate, "upload"), "destination.repository") == "lab/m"


VERTEX = """\
pipelineInfo: {name: p}
schemaVersion: 2.1.0
deploymentSpec: {executors: {}}
root:
  dag:
    tasks:
      custom-training-job:
        inputs:
          parameters:
            service_account: {runtimeValue: {constant: t@p.iam.gserviceaccount.com}}
            network: {componentInputParameter: network}
            base_output_directory: {runtimeValue: {constant: gs://lab-out/run}}
            enable_web_access: {runtimeValue: {constant: true}}
            worker_pool_specs:
              runtimeValue:
                constant:
                - machine_spec: {machine_type: a3-highgpu-8g}
                  container_spec:
                    image_uri: lab/train:1
                    command: [torchrun, t.py, --push_to_hub]
"""


def test_a_custom_job_that_a_pipeline_starts(tmp_path):
    estate = estate_of(tmp_path, p__yaml=VERTEX)
    job = estate.find("workload", "p.yaml#custom-training-job")
    facts = ("type", "accelerator", "session.enabled", "network.isolated")
    assert values(job, *facts) == ("managed", True, True, "?")
    assert targets(estate, job, "writes") == ["gs://lab-out"]
    assert value(only(estate, "container"), "image.reference") == "lab/train:1"
    assert values(only(estate, "upload"), "channel", "enabled") == ("hub", True)


def test_pools_that_a_run_gives(tmp_path):
    text = VERTEX.partition("            worker_pool_specs:")[0]
    text += "            worker_pool_specs: {componentInputParameter: pools}\n"
    estate = estate_of(tmp_path, p__yaml=text)
    assert [w.address for w in estate.of("workload")] == ["p.yaml#p"]
