"""terraform-google-modules/kms/google by its inputs (read: 1.0 to 4.1, 2026-11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.modules.building import Builder, Expansion, Module, entries_of

if TYPE_CHECKING:
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

#: Inputs that grant: the names of the keys, the members by position, the role.
_GRANTS = (
    ("owners", "set_owners_for", "roles/owner"),
    ("decrypters", "set_decrypters_for", "roles/cloudkms.cryptoKeyDecrypter"),
    ("encrypters", "set_encrypters_for", "roles/cloudkms.cryptoKeyEncrypter"),
)


def _expand(make: Builder) -> Expansion:
    ring = make.resource(
        "google_kms_key_ring.key_ring",
        "google",
        name=make.input("keyring"),
        project=make.input("project_id"),
        location=make.input("location"),
    )
    outputs = {"keyring": (ring, "id"), "keyring_name": (ring, "name")}
    keys: dict[str, Resource] = {}
    made: list[Resource] = [ring]
    for number, name in enumerate(entries_of(make.input("keys"))):
        key = _key(make, ring, number, name)
        made.append(key)
        if isinstance(name.data, str):
            keys[name.data] = key
            outputs[f"keys.{name.data}"] = (key, "id")
    return Expansion((*made, *_grants(make, keys)), outputs)


def _key(make: Builder, ring: Resource, number: int, name: Value) -> Resource:
    keep = make.or_default("prevent_destroy", data=True)
    stem = "key_ephemeral" if keep.boolean() is False else "key"
    key = make.resource(
        f"google_kms_crypto_key.{stem}[{number}]",
        "google",
        name if name.unknown is not None else None,
        name=name,
        key_ring=make.reference(ring, "id"),
        purpose=make.input("purpose"),
        import_only=make.input("import_only"),
        rotation_period=make.or_default("key_rotation_period", "7776000s"),
        destroy_scheduled_duration=make.input("key_destroy_scheduled_duration"),
        labels=make.input("labels"),
        version_template=make.blocks(
            algorithm=make.input("key_algorithm"),
            protection_level=make.or_default("key_protection_level", "SOFTWARE"),
        ),
    )
    key.lifecycle = make.fixed({"prevent_destroy": keep})
    return key


def _grants(make: Builder, keys: dict[str, Resource]) -> list[Resource]:
    found = []
    for members, wanted, role in _GRANTS:
        listed = entries_of(make.input(members))
        for number, name in enumerate(entries_of(make.input(wanted))):
            key = keys.get(name.data) if isinstance(name.data, str) else None
            if key is None or number >= len(listed):
                continue
            found.append(
                make.resource(
                    f"google_kms_crypto_key_iam_binding.{members}[{number}]",
                    "google",
                    crypto_key_id=make.reference(key, "id"),
                    role=make.fixed(role),
                    members=_split(listed[number]),
                )
            )
    return found


def _split(members: Value) -> Value:
    """Members in one text, with commas between them."""
    if isinstance(members.data, str):
        each = [m.strip() for m in members.data.split(",")]
        return members.replace(
            data=tuple(members.replace(data=one) for one in each if one)
        )
    return members.replace(data=(members,))


GOOGLE_KMS = Module(
    (
        "terraform-google-modules/kms/google",
        "terraform-google-modules/terraform-google-kms",
    ),
    "1.0 to 4.1",
    4,
    _expand,
)
