"""AWS KMS: what a key's material is kept in, where it came from, how long it lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.keys import KEY_TYPES
from mlsec_lint.lower.durations import read_days
from mlsec_lint.lower.reading import by_default, given, put, reading

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.terraform_index import TerraformIndex
    from mlsec_lint.terraform.resource import Resource

#: Keys whose material the customer made elsewhere and imports.
_IMPORTED = ("aws_kms_external_key", "aws_kms_replica_external_key")
_WINDOW = "deletion_window_in_days"


def lower_key_custody(index: TerraformIndex, estate: Estate) -> None:
    """Facts about the material of every declared KMS key, and its waiting period."""
    for here in index.roots:
        for resource in here.of(*KEY_TYPES):
            key = estate.find("key", here.address(resource))
            if key is not None:
                _custody(key, resource)


def _custody(key: Thing, resource: Resource) -> None:
    put(key, "hsm.protected", _protected(resource))
    put(key, "material.imported", _imported(resource))
    window = given(resource.values, _WINDOW)
    default = by_default(resource, _WINDOW, "aws_kms_key")
    put(key, "deletion.window_days", read_days(resource, window, default))


def _protected(resource: Resource) -> Fact:
    """Always: keys of AWS KMS live in its own modules, or in a store of the customer's."""
    for name in ("custom_key_store_id", "xks_key_id"):
        value = given(resource.values, name)
        if value is not None:
            return reading(value, resource, data=True)
    return by_default(resource, "hsm", "aws_kms_key")


def _imported(resource: Resource) -> Fact:
    if resource.type not in _IMPORTED:
        return by_default(resource, "origin", "aws_kms_key")
    material = given(resource.values, "key_material_base64")
    if material is not None:
        return reading(material, resource, data=True)._replace(sensitive=False)
    return reading(resource.values, resource, data=True)._replace(span=resource.span)
