"""Cloud KMS keys, and which key a resource is sealed with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.places import state_place
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.gcp.members import put_public_members
from mlsec_lint.lower.gcp.place import put_place
from mlsec_lint.lower.reading import (
    by_default,
    changed,
    each_possible,
    given,
    put,
    read_text,
    reading,
)
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact, FactValue, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

KEY = "google_kms_crypto_key"
RING = "google_kms_key_ring"
_NAMED = (KEY, f"data.{KEY}", "google_kms_crypto_key_version")


def lower_keys(index: TerraformIndex, estate: Estate) -> None:
    """Every Cloud KMS key with its protection level, place and public grants."""
    for here in index.roots:
        for resource in here.of(KEY):
            _key(index, here, resource, estate)
        for resource in here.of(RING):
            _ring(index, here, resource, estate)


def _ring(
    index: TerraformIndex, here: RootIndex, resource: Resource, estate: Estate
) -> None:
    """A key ring: a grant on it is one on each of its keys, declared here or not."""
    thing = estate.add(thing_of(here, resource, "key", "gcp"))
    put_place(here, thing, resource)
    thing.state(
        "public.principal", value=False, default="no grant in the scan names everyone"
    )
    put_public_members(
        index, here, thing, resource, "google_kms_key_ring_iam", "key_ring_id"
    )


def _key(
    index: TerraformIndex, here: RootIndex, resource: Resource, estate: Estate
) -> None:
    thing = estate.add(thing_of(here, resource, "key", "gcp"))
    put(thing, "managed_by", managed_by(resource))
    thing.state(
        "public.principal", value=False, default="no grant in the scan names everyone"
    )
    put_public_members(
        index, here, thing, resource, "google_kms_crypto_key_iam", "crypto_key_id"
    )
    rings = here.parents(given(resource.values, "key_ring"), (RING, f"data.{RING}"))
    if len(rings) == 1:
        put_place(here, thing, rings[0])
        put_public_members(
            index, here, thing, rings[0], "google_kms_key_ring_iam", "key_ring_id"
        )
        return
    ring = here.text_of(given(resource.values, "key_ring"))
    _place_in_id(thing, ring, resource)


def _place_in_id(thing: Thing, ring: str | Unknown | None, resource: Resource) -> None:
    """`projects/p/locations/L/keyRings/r` names the location."""
    steps = ring.split("/") if isinstance(ring, str) else []
    if "locations" in steps[:-1]:
        where: str | Unknown = steps[steps.index("locations") + 1]
    else:
        where = Unknown("resource", f"the key ring of {resource.address} is not known")
    state_place(thing, "gcp", where, resource.span)


def managed_by(resource: Resource) -> Fact:
    """`hsm` for keys with HSM protection, else `customer`."""
    level = given(resource.values, "version_template", "protection_level")
    default = by_default(resource, "protection_level")
    if level is None or resource.mode == "data":
        return default
    found = read_text(resource, level, default)

    def word(value: FactValue) -> FactValue:
        return "hsm" if str(value).startswith("HSM") else "customer"

    return changed(found, word)


def put_key(
    here: RootIndex, estate: Estate, store: Thing, resource: Resource, value: Value
) -> None:
    """State who manages a store's key, and link the store to a declared one."""
    fact = "encryption.key.managed_by"
    put(store, fact, reading(value, resource, _manager(here, value)))
    for found in here.parents(value, (KEY,)):
        key = estate.find("key", here.address(found))
        if key is not None:
            estate.link(store, "is encrypted with", key, store.facts[fact].span)


def _manager(here: RootIndex, value: Value) -> FactValue:
    """Who manages the key that a value names; a reference to a key is enough."""
    found = here.parents(value, _NAMED)
    if len(found) == 1:
        return managed_by(found[0]).value if found[0].type == KEY else "customer"
    text = here.text_of(value)
    if not isinstance(text, Unknown):
        return "customer" if text else "provider"
    known = "".join(part for part in text.parts if isinstance(part, str))
    if "/cryptoKeys/" in known:
        return "customer"
    return each_possible(text, lambda option: _manager(here, option))
