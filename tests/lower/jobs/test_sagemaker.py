"""Requests of SageMaker's API, as files and as objects of its ACK controller."""

from __future__ import annotations

import json

import pytest
from manifests import estate_of, only, said, targets, value, values

ROLE = """\
resource "aws_iam_role" "train" {
  name               = "train"
  assume_role_policy = "{}"
}
"""
ARN = "arn:aws:iam::111122223333:role/train"


def ack(kind, spec, **files):
    head = f"apiVersion: sagemaker.services.k8s.aws/v1alpha1\nkind: {kind}\n"
    return {"o__yaml": f"{head}metadata: {{name: n}}\nspec:\n{spec}", **files}


TRAINING = f"""\
  trainingJobName: t
  roleARN: {ARN}
  algorithmSpecification:
    trainingImage: 1.dkr.ecr.us-east-1.amazonaws.com/t:1
    containerEntrypoint: [torchrun, t.py, --push_to_hub]
  outputDataConfig: {{s3OutputPath: s3://out/x, kmsKeyID: alias/lab}}
  checkpointConfig: {{s3URI: s3://ck/x}}
  resourceConfig: {{instanceType: ml.p5.48xlarge, instanceCount: 4, volumeKMSKeyID: alias/v}}
  vpcConfig: {{securityGroupIDs: [sg-1], subnets: [subnet-1]}}
  enableInterContainerTrafficEncryption: true
  environment: {{WANDB_API_KEY: kX9vT2mQ8wZ4kX9vT2mQ}}
  hyperParameters: {{hub_model_id: lab/m}}
  inputDataConfig:
  - channelName: model
    dataSource: {{s3DataSource: {{s3URI: s3://base/llama}}}}
  - channelName: train
    dataSource: {{s3DataSource: {{s3URI: s3://corpus/x}}}}
"""


def test_a_training_job_of_the_controller_says_all_that_the_api_does(tmp_path):
    estate = estate_of(tmp_path, **ack("TrainingJob", TRAINING, main__tf=ROLE))
    job = only(estate, "workload")
    facts = ("type", "accelerator", "network.isolated", "traffic.sealed")
    assert values(job, *facts) == ("managed", True, True, True)
    assert targets(estate, job, "writes") == ["s3://out", "s3://ck"]
    assert targets(estate, job, "reads") == ["s3://base"]
    assert targets(estate, job, "takes data from") == ["s3://corpus"]
    assert targets(estate, job, "runs as") == ["aws_iam_role.train"]
    keys = [
        value(s, "encryption.key.managed_by")
        for s in (
            estate.find("store", "s3://out"),
            estate.find("store", f"{job.address}#volume"),
        )
    ]
    assert keys == ["customer", "customer"]
    assert ("wandb-key", True) in [
        values(s, "type", "plain") for s in estate.of("secret")
    ]
    assert ("hub", True) in [
        values(u, "channel", "enabled") for u in estate.of("upload")
    ]


def request(tmp_path, **fields):
    return estate_of(tmp_path, r__json=json.dumps(fields), main__tf=ROLE)


def test_a_search_runs_its_definition(tmp_path):
    estate = request(
        tmp_path,
        HyperParameterTuningJobName="h",
        HyperParameterTuningJobConfig={"Strategy": "Bayesian"},
        TrainingJobDefinition={
            "AlgorithmSpecification": {"TrainingImage": "a:1"},
            "OutputDataConfig": {"S3OutputPath": "s3://out/x"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
            "StaticHyperParameters": {"report_to": "wandb"},
            "EnableNetworkIsolation": True,
        },
    )
    job = only(estate, "workload")
    assert (job.name, value(job, "accelerator")) == ("r.json#h", False)
    assert values(job, "network.isolated", "egress.default_deny") == (True, True)
    assert targets(estate, job, "writes") == ["s3://out"]
    assert value(only(estate, "upload"), "service") == "wandb"


def test_processing(tmp_path):
    estate = request(
        tmp_path,
        ProcessingJobName="p",
        RoleArn=ARN,
        AppSpecification={
            "ImageUri": "a:1",
            "ContainerEntrypoint": ["bash", "-c"],
            "ContainerArguments": ["hf upload lab/m /opt/ml/processing/model"],
        },
        ProcessingResources={"ClusterConfig": {"InstanceType": "ml.g5.xlarge"}},
        ProcessingInputs=[
            {"InputName": "model", "S3Input": {"S3Uri": "s3://w/m"}},
            {"InputName": "code", "S3Input": {"S3Uri": "s3://code/x"}},
        ],
        ProcessingOutputConfig={
            "Outputs": [
                {"OutputName": "merged_model", "S3Output": {"S3Uri": "s3://merged/x"}},
                {"OutputName": "report", "S3Output": {"S3Uri": "s3://reports/x"}},
            ]
        },
        NetworkConfig={"VpcConfig": {"Subnets": ["subnet-1"]}},
    )
    job = only(estate, "workload")
    assert values(job, "accelerator", "network.isolated") == (True, True)
    assert targets(estate, job, "reads") == ["s3://w"]
    assert targets(estate, job, "writes") == ["s3://merged"]
    assert targets(estate, job, "runs as") == ["aws_iam_role.train"]
    assert value(only(estate, "upload"), "destination.repository") == "lab/m"


@pytest.mark.parametrize(
    "fields",
    [
        {"PrimaryContainer": {"Image": "a:1", "ModelDataUrl": "s3://w/m.tar.gz"},
         "ModelName": "m", "ExecutionRoleArn": ARN},
        {"Containers": [{"Image": "a:1", "ModelDataSource": {
            "S3DataSource": {"S3Uri": "s3://w/m/"}}}], "ModelName": "m",
         "ExecutionRoleArn": ARN},
    ],
)  # fmt: skip
def test_models(tmp_path, fields):
    estate = request(tmp_path, **fields)
    model = only(estate, "workload")
    assert targets(estate, model, "reads") == ["s3://w"]
    assert said(estate.find("store", "s3://w"))
    assert value(model, "network.isolated") is False
    assert value(only(estate, "container"), "image.pinned") is False


def test_a_model_package_of_the_controller(tmp_path):
    spec = """\
      modelPackageGroupName: g
      inferenceSpecification: {containers: [{image: "a:1", modelDataURL: s3://w/m}]}
    """
    estate = estate_of(tmp_path, **ack("ModelPackage", spec))
    assert targets(estate, only(estate, "workload"), "reads") == ["s3://w"]


def test_endpoints(tmp_path):
    estate = request(
        tmp_path,
        EndpointConfigName="e",
        KmsKeyId="alias/lab",
        ProductionVariants=[
            {
                "ModelName": "m",
                "InstanceType": "ml.p4d.24xlarge",
                "EnableSSMAccess": True,
                "CoreDumpConfig": {"DestinationS3Uri": "s3://dumps/x"},
            }
        ],
        DataCaptureConfig={"DestinationS3Uri": "s3://asked/x"},
    )
    endpoint = only(estate, "workload")
    assert values(endpoint, "accelerator", "session.enabled") == (True, True)
    assert targets(estate, endpoint, "writes") == ["s3://dumps"]
    assert endpoint.evidence


@pytest.mark.parametrize(
    ("kind", "spec", "direct"),
    [
        ("NotebookInstance", f"  roleARN: {ARN}\n", True),
        ("NotebookInstance",
         f"  roleARN: {ARN}\n  directInternetAccess: Disabled\n", False),
        ("NotebookInstance",
         f"  roleARN: {ARN}\n  directInternetAccess: $ACCESS\n", "?"),
        ("Domain", f"  defaultUserSettings: {{executionRole: {ARN}}}\n", True),
        ("Domain", (f"  defaultUserSettings: {{executionRole: {ARN}}}\n"
         "  appNetworkAccessType: VpcOnly\n"), False),
        ("UserProfile", f"  userProfileName: u\n  userSettings: {{executionRole: {ARN}}}\n",
         None),
    ],
)  # fmt: skip
def test_where_people_work(tmp_path, kind, spec, direct):
    estate = estate_of(tmp_path, **ack(kind, spec, main__tf=ROLE))
    desk = only(estate, "workload")
    assert value(desk, "session.notebook") is True
    assert value(desk, "internet.direct") == direct
    assert targets(estate, desk, "runs as") == ["aws_iam_role.train"]


def test_a_machine_that_is_filled_in_later(tmp_path):
    spec = TRAINING.replace("ml.p5.48xlarge", "$TYPE")
    estate = estate_of(tmp_path, **ack("TrainingJob", spec))
    assert value(only(estate, "workload"), "accelerator") == "?"


@pytest.mark.parametrize(
    "fields", [{"ModelName": "x", "Containers": []}, {"Domain": "x"}]
)
def test_json_of_others(tmp_path, fields):
    assert list(request(tmp_path, **fields).of("workload")) == []


@pytest.mark.parametrize(
    ("lines", "places"),
    [
        ("", [(True, False)]),
        ("  vpcConfig: {subnets: [subnet-1]}\n", []),
        ("  enableNetworkIsolation: true\n", [(True, True)]),
    ],
)
def test_in_which_network_a_job_lies(tmp_path, lines, places):
    spec = "  outputDataConfig: {s3OutputPath: s3://out/x}\n" + lines
    estate = estate_of(tmp_path, **ack("TrainingJob", spec))
    found = estate.networks.of(only(estate, "workload"))
    assert [(p.provided, p.isolated) for p in found] == places
