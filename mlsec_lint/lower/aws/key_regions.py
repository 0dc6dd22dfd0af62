"""In how many regions a KMS key can be used: multi-region keys and their replicas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.keys import KEY_TYPES
from mlsec_lint.lower.reading import by_default, given, put, read_bool, reading, span_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_PRIMARY = {
    "aws_kms_replica_key": "primary_key_arn",
    "aws_kms_replica_external_key": "primary_key_arn",
}


def lower_key_regions(index: TerraformIndex, estate: Estate) -> None:
    """`multi_region` of every declared key, and edges from keys to their replicas."""
    for here in index.roots:
        for resource in here.of(*KEY_TYPES):
            key = estate.find("key", here.address(resource))
            if key is None:
                continue
            if resource.type in _PRIMARY:
                _replica(index, here, resource, estate)
                continue
            default = by_default(resource, "multi_region", "aws_kms_key")
            value = given(resource.values, "multi_region")
            put(key, "multi_region", read_bool(resource, value, default))


def _replica(
    index: TerraformIndex, here: RootIndex, resource: Resource, estate: Estate
) -> None:
    """A replica has the material of its primary: it is a multi-region key by nature."""
    replica = estate.find("key", here.address(resource))
    primary = given(resource.values, _PRIMARY[resource.type])
    if replica is None or primary is None:
        return
    put(replica, "multi_region", reading(primary, resource, data=True))
    text = here.text_of(primary)
    parents = here.parents(primary, KEY_TYPES)
    if not parents and isinstance(text, str):
        parents = [r for home in index.roots for r in home.named(text, KEY_TYPES)]
    for parent in parents:
        key = estate.find("key", index.home(parent).address(parent))
        if key is not None and key is not replica:
            span = span_of(primary, resource)
            estate.link(key, "is replicated by", replica, span)
