"""Configurations of SageMaker endpoints: whose key seals the disks of their instances."""

from __future__ import annotations

import pytest
from manifests import estate_of, only, value

FACT = "encryption.key.managed_by"


@pytest.mark.parametrize(
    ("machines", "more", "managed"),
    [
        (["ml.m5.xlarge"], "", "provider"),
        (["ml.g5.2xlarge"], "", None),  # no key can be named for its disks
        (["ml.m5d.large", "ml.p4d.24xlarge"], "", None),
        (["ml.g5.2xlarge", "ml.m5.xlarge"], "", "provider"),
        (["ml.inf2.xlarge"], "", "provider"),
        ([], "", "provider"),
        (["ml.m5.xlarge"], 'kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1"',
         "customer"),
    ],
)  # fmt: skip
def test_disks_that_take_no_key_are_not_asked_for_one(
    tmp_path, machines, more, managed
):
    variants = "".join(
        f"""
        production_variants {{
          model_name    = "llm"
          instance_type = "{machine}"
        }}
        """
        for machine in machines
    )
    text = f"""
    resource "aws_sagemaker_endpoint_configuration" "llm" {{
      name = "llm"
      {more}
      {variants}
    }}
    """
    store = only(estate_of(tmp_path, main__tf=text), "store")
    assert value(store, FACT) == managed
    assert store.evidence
