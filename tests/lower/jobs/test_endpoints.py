"""Jobs that reach their S3 stores at an endpoint of another operator."""

from __future__ import annotations

import pytest

from mlsec_lint.rules.config import config_of
from mlsec_lint.scan import read, survey
from mlsec_lint.value import Unknown

JOB = """
apiVersion: batch/v1
kind: Job
metadata: {name: train, namespace: t}
spec:
  template:
    spec:
      containers:
        - name: c
          image: x
          env:
            - {name: %s, value: "%s"}
          command: [bash, -c, aws s3 cp /out/model.safetensors s3://corp-w/ckpt]
"""
BUCKET = """
provider "aws" {
  region = "us-east-1"
}
resource "aws_s3_bucket" "w" {
  bucket = "corp-w"
}
"""


def estate_of(folder, **files):
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text, encoding="utf-8")
    config, _ = config_of(folder)
    return survey(read(str(folder), (), config), config, "inferred")


def place(store):
    fact = store.fact("place.countries")
    if fact is None:
        return None
    return "unknown" if isinstance(fact.value, Unknown) else fact.value


@pytest.mark.parametrize(
    ("variable", "endpoint", "expected"),
    [
        ("AWS_ENDPOINT_URL", "https://s3.eu-central-1.wasabisys.com", ("NL",)),
        ("AWS_ENDPOINT_URL_S3", "https://s3.eu-central-1.wasabisys.com", ("NL",)),
        ("AWS_ENDPOINT_URL", "http://minio.corp.example:9000", "unknown"),
        ("AWS_ENDPOINT_URL", "https://s3.eu-central-1.amazonaws.com", None),
        ("AWS_ENDPOINT_URL", "", None),
        ("OTHER", "https://s3.eu-central-1.wasabisys.com", None),
    ],
)
def test_an_undeclared_store_lies_at_its_endpoint(
    tmp_path, variable, endpoint, expected
):
    estate = estate_of(tmp_path, job_yaml=JOB % (variable, endpoint))

    assert place(estate.find("store", "s3://corp-w")) == expected


@pytest.mark.parametrize(
    ("endpoint", "certain"),
    [
        ("https://s3.eu-central-1.wasabisys.com", False),
        ("https://s3.us-east-1.amazonaws.com", True),
    ],
)
def test_a_bucket_of_that_name_at_amazon_may_be_another_one(
    tmp_path, endpoint, certain
):
    job = JOB % ("AWS_ENDPOINT_URL", endpoint)

    estate = estate_of(tmp_path, job_yaml=job, main_tf=BUCKET)

    bucket = estate.find("store", "aws_s3_bucket.w")
    edges = estate.edges_to(bucket, "writes")
    assert {edge.certain for edge in edges} == {certain}
    assert place(bucket) == ("US",)


def test_the_endpoint_of_the_cloud_that_a_bucket_is_declared_at_is_its_own(tmp_path):
    bucket = """
resource "coreweave_object_storage_bucket" "w" {
  name = "corp-w"
  zone = "US-EAST-04A"
}
"""
    job = JOB % ("AWS_ENDPOINT_URL_S3", "http://cwlota.com")

    for main, own in ((bucket, True), ("", False)):
        estate = estate_of(tmp_path, job_yaml=job, main_tf=main)
        (endpoint,) = estate.of("endpoint")
        assert endpoint.fact("host.own").value is own
