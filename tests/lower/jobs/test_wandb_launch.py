"""What Weights & Biases launches: sweeps with a scheduler, jobs with their resources."""

from __future__ import annotations

import json

from manifests import estate_of, only, targets, value, values


def fetched(estate):
    return [values(f, "type", "host", "pinned") for f in estate.of("fetch")]


def test_a_sweep_with_a_scheduler(tmp_path):
    estate = estate_of(
        tmp_path,
        s__yaml="""\
        scheduler: {job: "lab/p/job-scheduler:v3", resource: kubernetes, settings: {method: bayes}}
        job: lab/p/job-train:latest
        parameters: {push_to_hub: {value: true}, lr: {min: 0.1, max: 1.0}}
        """,
    )
    assert fetched(estate) == [
        ("code", "api.wandb.ai", False),
        ("code", "api.wandb.ai", True),
    ]
    uploads = {values(u, "channel", "enabled") for u in estate.of("upload")}
    assert uploads == {("hub", True), ("tracker", True)}


def test_a_launch_on_sagemaker(tmp_path):
    launch = {
        "job": "lab/p/train:v1",
        "docker": {"docker_image": "lab/train:1"},
        "resource": "sagemaker",
        "resource_args": {
            "sagemaker": {
                "RoleArn": "arn:aws:iam::1:role/train",
                "ResourceConfig": {
                    "InstanceType": "ml.p5.48xlarge",
                    "InstanceCount": 1,
                },
                "OutputDataConfig": {"S3OutputPath": "s3://out/x"},
                "EnableNetworkIsolation": False,
            }
        },
        "overrides": {"run_config": {"base": "wandb-artifact://lab/p/llm:latest"}},
    }
    role = 'resource "aws_iam_role" "t" {\n  name = "train"\n  assume_role_policy = "{}"\n}\n'
    estate = estate_of(tmp_path, l__json=json.dumps(launch), main__tf=role)
    job = only(estate, "workload")
    facts = ("type", "accelerator", "network.isolated")
    assert values(job, *facts) == ("managed", True, False)
    assert targets(estate, job, "writes") == ["s3://out"]
    assert targets(estate, job, "runs as") == ["aws_iam_role.t"]
    assert ("model", "api.wandb.ai", False) in fetched(estate)
    assert value(only(estate, "container"), "image.reference") == "lab/train:1"


def test_the_config_of_a_job_that_takes_a_model(tmp_path):
    estate = estate_of(
        tmp_path,
        c__yml="""\
        run_name: Deploy
        config: {artifact: "wandb-artifact://lab/p/model:v0", framework: pytorch}
        """,
    )
    assert fetched(estate) == [("model", "api.wandb.ai", True)]
    assert only(estate, "workload").evidence


def test_configs_of_other_tools(tmp_path):
    text = "run_name: x\nconfig: {a: b}\n---\nscheduler: {kind: x}\njob: y\n---\nresource_args: {a: 1}\n"
    assert list(estate_of(tmp_path, c__yml=text).of("workload")) == []
