"""AWS KMS: keys, aliases, key policies; and which key a store is sealed with."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.aws.place import put_place
from mlsec_lint.lower.aws.public import public_readings
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.reading import by_default, given, put, put_also, reading
from mlsec_lint.lower.terraform_index import base_address, symbol_of, type_of
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

KEY_TYPES = (
    "aws_kms_key",
    "aws_kms_external_key",
    "aws_kms_replica_key",
    "aws_kms_replica_external_key",
)
_ALIASES = ("aws_kms_alias", "data.aws_kms_alias")
_LOOKUPS = ("data.aws_kms_key", "data.aws_kms_alias")


class KeyUse(NamedTuple):
    """Who manages a key that an argument names, and the key where it is declared."""

    managed_by: Fact
    key: Resource | None = None


def lower_keys(index: TerraformIndex, estate: Estate) -> None:
    """Every KMS key of the scan, with who controls it and whether it is public."""
    for here in index.roots:
        for resource in here.of(*KEY_TYPES):
            _key(index, here, resource, estate)


def _key(
    index: TerraformIndex, here: RootIndex, resource: Resource, estate: Estate
) -> None:
    thing = estate.add(thing_of(here, resource, "key", "aws"))
    put_place(here, thing, resource)
    put(thing, "managed_by", managed_by(resource))
    documents = [given(resource.values, "policy")]
    satellites = index.satellites(here, resource, "aws_kms_key_policy", "key_id")
    documents += [given(s.values, "policy") for s in satellites.found]
    put(thing, "public.principal", by_default(resource, "policy", "aws_kms_key"))
    for document in documents:
        if document is None:
            continue
        put(thing, "public.principal", reading(document, resource, data=False))
        for found in public_readings(here, document, resource.span):
            put_also(thing, "public.principal", found)


def managed_by(resource: Resource) -> Fact:
    """`customer`, or `hsm` for a key in a custom or external key store."""
    for name in ("custom_key_store_id", "xks_key_id"):
        store = given(resource.values, name)
        if store is not None:
            return reading(store, resource, "hsm")
    return by_default(resource, "custom_key_store_id", "aws_kms_key")


def key_use(here: RootIndex, resource: Resource, value: Value) -> KeyUse:
    """Who manages the key that an argument of `resource` names.

    A reference to a declared key is enough, its ARN need not be known. The `aws/...`
    aliases are AWS's own keys. What only an unset variable or an unread module could
    tell is Unknown.
    """
    key = declared_key(here, value)
    if key is not None:
        kept = managed_by(key).value
        return KeyUse(reading(value, resource, kept), key)
    if _is_key(value):
        return KeyUse(reading(value, resource, "customer"))
    text = here.text_of(_lookup(here, value) or value)
    if text is None or text == "":
        return KeyUse(reading(value, resource, "provider"))
    if isinstance(text, Unknown):
        if text.possible:
            return KeyUse(reading(value, resource, _each(here, resource, text)))
        start = text.parts[0] if text.parts else ""
        is_key = isinstance(start, str) and start.startswith(("arn:aws", "alias/"))
        if not is_key:
            return KeyUse(reading(value, resource, text))
        text = start
    ours = not text.startswith("alias/aws/") and ":alias/aws/" not in text
    return KeyUse(reading(value, resource, "customer" if ours else "provider"))


def _each(here: RootIndex, resource: Resource, text: Unknown) -> Unknown:
    """The managers of the keys that an argument may name (a conditional's branches)."""
    options = [
        Value(key_use(here, resource, option).managed_by.value, option.span)
        for option in text.possible or ()
    ]
    return text._replace(possible=tuple(options), parts=(), symbol=None)


def declared_key(here: RootIndex, value: Value) -> Resource | None:
    """The KMS key that a value refers to, through aliases, where the root declares it."""
    found = here.parents(value, (*KEY_TYPES, *_ALIASES))
    for _ in range(4):
        if len(found) != 1:
            return None
        if found[0].type != "aws_kms_alias":
            return found[0]
        target = given(found[0].values, "target_key_id")
        if found[0].mode == "data":
            name = given(found[0].values, "name")
            aliases = here.named(str(name.data), ("aws_kms_alias",)) if name else []
            target = given(aliases[0].values, "target_key_id") if aliases else None
        found = here.parents(target, (*KEY_TYPES, *_ALIASES))
    return None


def _is_key(value: Value) -> bool:
    """Whether a value refers to a key resource that the scan does not hold."""
    symbol = symbol_of(value)
    if symbol is None or value.unknown is None:
        return False
    names = base_address(symbol.address).split(".")
    return "data" not in names[-3:-2] and names[-2:-1] in [[k] for k in KEY_TYPES]


def _lookup(here: RootIndex, value: Value) -> Value | None:
    """The name under which a data source looks a key up (`alias/aws/s3`)."""
    source = here.resolve(symbol_of(value))
    if source is None or type_of(source) not in _LOOKUPS:
        return None
    return given(source.values, "key_id") or given(source.values, "name")


def put_key(
    here: RootIndex,
    estate: Estate,
    store: Thing,
    resource: Resource,
    value: Value,
) -> None:
    """State who manages a store's key, and link the store to a declared one."""
    use = key_use(here, resource, value)
    put(store, "encryption.key.managed_by", use.managed_by)
    if use.key is None:
        return
    key = estate.find("key", here.address(use.key))
    if key is not None:
        estate.link(store, "is encrypted with", key, use.managed_by.span)
