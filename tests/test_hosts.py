"""Places of hosts and ARNs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlsec_lint.estate.hosts import place_of_arn, place_of_host


@pytest.mark.parametrize(
    ("host", "provider", "region"),
    [
        ("s3.us-east-1.amazonaws.com", "aws", "us-east-1"),
        ("s3-us-west-2.amazonaws.com", "aws", "us-west-2"),
        ("s3-website-eu-west-1.amazonaws.com", "aws", "eu-west-1"),
        ("b.s3.dualstack.ap-east-1.amazonaws.com", "aws", "ap-east-1"),
        ("111122223333.dkr.ecr.eu-central-1.amazonaws.com", "aws", "eu-central-1"),
        ("vpce-1.s3.us-east-2.vpce.amazonaws.com", "aws", "us-east-2"),
        ("https://sqs.me-central-1.amazonaws.com/1/q", "aws", "me-central-1"),
        ("s3.cn-north-1.amazonaws.com.cn", "aws", "cn-north-1"),
        ("fs-1.efs.us-gov-west-1.amazonaws.com", "aws", "us-gov-west-1"),
        ("s3.us-east-1.api.aws", "aws", "us-east-1"),
        ("europe-west4-docker.pkg.dev", "gcp", "europe-west4"),
        ("us-docker.pkg.dev", "gcp", "US"),
        ("eu.gcr.io", "gcp", None),
        ("asia.gcr.io", "gcp", "asia"),
        ("gcr.io", "gcp", "US"),
        ("us-central1-aiplatform.googleapis.com", "gcp", "us-central1"),
        ("storage.europe-west3.rep.googleapis.com", "gcp", "europe-west3"),
        ("asia-east2-docker.pkg.dev", "gcp", "asia-east2"),
        ("reg.eastasia.data.azurecr.io", "azure", "eastasia"),
        ("x.hcp.westeurope.azmk8s.io", "azure", "westeurope"),
        ("vm.uksouth.cloudapp.azure.com", "azure", "uksouth"),
        ("nyc3.digitaloceanspaces.com", "digitalocean", "nyc3"),
        ("s3.eu-central-1.wasabisys.com", "wasabi", "eu-central-1"),
        ("s3.wasabisys.com", "wasabi", "us-east-1"),
        ("s3.us-west-002.backblazeb2.com", "backblaze", "us-west-002"),
        ("oss-cn-hangzhou.aliyuncs.com", "alibaba", "cn-hangzhou"),
        ("registry.ap-southeast-1.aliyuncs.com", "alibaba", "ap-southeast-1"),
        ("b.cos.ap-guangzhou.myqcloud.com", "tencent", "ap-guangzhou"),
        ("obs.ap-southeast-1.myhuaweicloud.com", "huawei", "ap-southeast-1"),
        ("objectstorage.ap-mumbai-1.oraclecloud.com", "oci", "ap-mumbai-1"),
        ("fsn1.your-objectstorage.com", "hetzner", "fsn1"),
        ("storage.eu-north1.nebius.cloud", "nebius", "eu-north1"),
        ("S3.EU-WEST-2.AMAZONAWS.COM:443", "aws", "eu-west-2"),
    ],
)
def test_hosts(host, provider, region):
    found = place_of_host(host)

    assert found.provider == provider
    if region is not None:
        assert found.place.id.lower() == region.lower()


@pytest.mark.parametrize(
    "host",
    [
        "s3.amazonaws.com",
        "storage.googleapis.com",
        "b.s3.amazonaws.com",
        "myregistry.azurecr.io",
        "us-east-1.example.com",
    ],
)
def test_hosts_without_a_region_are_no_place(host):
    found = place_of_host(host)

    assert found is None or (found.place is None and found.countries == ())


def test_a_suffix_can_tell_the_country_alone():
    assert place_of_host("x.blob.core.chinacloudapi.cn").countries == ("CN",)
    assert place_of_host("x.azurecr.us").countries == ("US",)


@pytest.mark.parametrize("host", ["", ".", "a" * 300, ".".join("a" * 200), "minio.lab"])
def test_other_names_are_unknown(host):
    assert place_of_host(host) is None


def test_arns():
    assert place_of_arn("arn:aws:ec2:ap-east-1:1:volume/v").countries == ("HK",)
    assert place_of_arn("arn:aws:s3:::bucket") is None
    assert place_of_arn("arn:aws-cn:ec2:cn-north-1:1:x").countries == ("CN",)
    assert place_of_arn("not an arn") is None


def test_botocores_regional_endpoints_are_in_their_region():
    """Every regional endpoint of botocore's data; four of them only by the suffix."""
    botocore = pytest.importorskip("botocore")
    path = Path(botocore.__file__).with_name("data").joinpath("endpoints.json")
    wrong, open_ones, right = [], [], 0
    for partition in json.loads(path.read_text())["partitions"]:
        regions = set(partition["regions"])
        for service, entry in partition["services"].items():
            for region, endpoint in entry.get("endpoints", {}).items():
                host = endpoint.get("hostname")
                if region not in regions:
                    continue
                default = partition["defaults"]["hostname"]
                template = entry.get("defaults", {}).get("hostname", default)
                host = (host or template).format(
                    service=service, region=region, dnsSuffix=partition["dnsSuffix"]
                )
                found = place_of_host(host)
                if found is None or found.place is None:
                    open_ones.append(host)
                elif found.place.id != region:
                    wrong.append((host, region, found.place.id))
                else:
                    right += 1

    assert wrong == []
    assert right > 5000
    assert len(open_ones) < 20, open_ones
