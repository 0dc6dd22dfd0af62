"""Who holds the keys of what managed jobs write and of their volumes."""

from __future__ import annotations

import json

import pytest
from manifests import estate_of, only, value

FACT = "encryption.key.managed_by"
ARN = "arn:aws:kms:us-east-1:111122223333:key/abc"
BUCKET = """
resource "aws_s3_bucket" "weights" {
  bucket = "lab-weights"
}
"""


def sagemaker(output="", volume="", machine="ml.m5.large"):
    return json.dumps(
        {
            "TrainingJobName": "sft",
            "AlgorithmSpecification": {"TrainingImage": "x/y:1"},
            "OutputDataConfig": {"S3OutputPath": "s3://lab-weights/", **({"KmsKeyId": output} if output else {})},
            "ResourceConfig": {"InstanceType": machine, **({"VolumeKmsKeyId": volume} if volume else {})},
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("", "provider"),
        (ARN, "customer"),
        ("alias/lab", "customer"),
        ("alias/aws/s3", "provider"),
        ("arn:aws:kms:us-east-1:111122223333:alias/aws/s3", "provider"),
        ("${KEY}", "?"),
    ],
)
def test_sagemaker(tmp_path, key, expected):
    estate = estate_of(tmp_path, job__json=sagemaker(key, key))
    bucket = estate.find("store", "s3://lab-weights")
    assert value(bucket, FACT) == expected
    assert value(only(estate, "store", type="block"), FACT) == expected


def test_declared_bucket_is_judged_by_its_own_key_and_by_the_job_s(tmp_path):
    estate = estate_of(tmp_path, main__tf=BUCKET, job__json=sagemaker())
    bucket = estate.find("store", "aws_s3_bucket.weights")
    assert len(bucket.all_facts(FACT)) == 1
    files = {"main__tf": BUCKET, "job__json": sagemaker("alias/aws/s3")}
    bucket = estate_of(tmp_path, **files).find("store", "aws_s3_bucket.weights")
    found = bucket.all_facts(FACT)
    assert len(found) == 2
    assert found[1].span.path == "job.json"


def test_volume_of_a_job_that_writes_weights_holds_them(tmp_path):
    estate = estate_of(tmp_path, job__json=sagemaker())
    assert only(estate, "store", type="block").evidence
    job = {"jobSpec": {"workerPoolSpecs": [{"machineSpec": {"machineType": "n1"}}]}}
    estate = estate_of(tmp_path / "b", job__json=json.dumps(job))
    assert not only(estate, "store", type="block").evidence


def test_local_disks_are_sealed_by_hardware(tmp_path):
    estate = estate_of(tmp_path, job__json=sagemaker(machine="ml.p4d.24xlarge"))
    assert only(estate, "store", type="block").fact(FACT) is None


def test_declared_key_is_linked(tmp_path):
    tf = 'resource "aws_kms_alias" "a" {\n  name = "alias/lab"\n}\n'
    estate = estate_of(tmp_path, main__tf=tf, job__json=sagemaker("alias/lab"))
    assert value(estate.find("store", "s3://lab-weights"), FACT) == "customer"


ACK = """
apiVersion: sagemaker.services.k8s.aws/v1alpha1
kind: TrainingJob
metadata: {name: sft}
spec:
  algorithmSpecification: {trainingImage: "x/y:1"}
  outputDataConfig: {s3OutputPath: "s3://lab-weights/"%s}
  resourceConfig: {instanceType: ml.m5.large%s}
"""


@pytest.mark.parametrize(
    ("output", "volume", "expected"),
    [
        ("", "", ("provider", "provider")),
        (f", kmsKeyID: '{ARN}'", "", ("customer", "provider")),
        ("", f", volumeKMSKeyID: '{ARN}'", ("provider", "customer")),
    ],
)
def test_ack(tmp_path, output, volume, expected):
    estate = estate_of(tmp_path, job__yaml=ACK % (output, volume))
    bucket = estate.find("store", "s3://lab-weights")
    disk = only(estate, "store", type="block")
    assert (value(bucket, FACT), value(disk, FACT)) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, "provider"),
        ({"encryptionSpec": {"kmsKeyName": "projects/p/locations/l/keyRings/r/cryptoKeys/k"}}, "customer"),
        ({"encryptionSpec": {"kmsKeyName": "$KEY"}}, "?"),
    ],
)  # fmt: skip
def test_vertex(tmp_path, spec, expected):
    pools = [{"machineSpec": {"machineType": "n1"}, "containerSpec": {"imageUri": "i"}}]
    job = {"displayName": "sft", "jobSpec": {"workerPoolSpecs": pools}, **spec}
    estate = estate_of(tmp_path, job__json=json.dumps(job))
    assert value(only(estate, "store", type="block"), FACT) == expected


def test_a_config_of_gcloud_says_nothing_of_keys(tmp_path):
    text = "workerPoolSpecs:\n- machineSpec: {machineType: n1}\n"
    estate = estate_of(tmp_path, job__yaml=text)
    assert not list(estate.of("store"))
