"""Cloud KMS: what a key's material is kept in, where it came from, how long it lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.durations import read_seconds
from mlsec_lint.lower.gcp.keys import KEY
from mlsec_lint.lower.reading import (
    by_default,
    changed,
    given,
    put,
    read_bool,
    read_text,
)

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_DURATION = "destroy_scheduled_duration"


def lower_key_custody(index: TerraformIndex, estate: Estate) -> None:
    """Facts about the material of every declared key, and its waiting period."""
    for here in index.roots:
        for resource in here.of(KEY):
            key = estate.find("key", here.address(resource))
            if key is not None:
                _custody(key, resource)


def _custody(key: Thing, resource: Resource) -> None:
    """HSM, or an external manager (EXTERNAL, EXTERNAL_VPC), against SOFTWARE."""
    level = given(resource.values, "version_template", "protection_level")
    default = by_default(resource, "hsm")
    found = read_text(resource, level, default)
    if found is not default:
        found = changed(found, lambda value: str(value).upper() != "SOFTWARE")
    put(key, "hsm.protected", found)
    imported = given(resource.values, "import_only")
    default = by_default(resource, "import_only")
    put(key, "material.imported", read_bool(resource, imported, default))
    window = given(resource.values, _DURATION)
    default = by_default(resource, _DURATION)
    put(key, "deletion.window_days", read_seconds(resource, window, default))
