"""terraform-google-modules/cloud-storage/google by its inputs (read: 5.0 to 12.3, 2026-11).

One bucket per name; most inputs are maps by name. Does not model: lifecycle, autoclass,
IP filters, HMAC keys, folders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.modules.building import (
    Builder,
    Expansion,
    Module,
    entries_of,
    is_empty,
    quoted,
    switched_on,
)

if TYPE_CHECKING:
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

#: Role of each list of members: the switch, the list, and the map by bucket.
_ROLES = (
    ("admins", "set_admin_roles", "bucket_admins", "roles/storage.objectAdmin"),
    ("creators", "set_creator_roles", "bucket_creators", "roles/storage.objectCreator"),
    ("viewers", "set_viewer_roles", "bucket_viewers", "roles/storage.objectViewer"),
    (
        "storage_admins",
        "set_storage_admin_roles",
        "bucket_storage_admins",
        "roles/storage.admin",
    ),
)


def _expand(make: Builder) -> Expansion:
    made: list[Resource] = []
    outputs: dict[str, tuple[Resource, str]] = {}
    for name in entries_of(make.input("names")):
        bucket = _bucket(make, name)
        if not made:
            outputs |= {"name": (bucket, "name"), "url": (bucket, "url")}
        if isinstance(name.data, str):
            outputs[f"names.{name.data}"] = (bucket, "name")
            outputs[f"urls.{name.data}"] = (bucket, "url")
            outputs[f"buckets_map.{name.data}"] = (bucket, "")
        made += [bucket, *_bindings(make, bucket, name)]
    return Expansion(tuple(made), outputs)


def _bucket(make: Builder, name: Value) -> Resource:
    key = quoted(name.data) if isinstance(name.data, str) else "*"
    encrypted = _of(make, "encryption_key_names", name)
    return make.resource(
        f"google_storage_bucket.buckets[{key}]",
        "google",
        name if name.unknown is not None else None,
        name=_full_name(make, name),
        project=make.input("project_id"),
        location=make.or_default("location", "EU"),
        labels=make.input("labels"),
        public_access_prevention=make.or_default(
            "public_access_prevention", "inherited"
        ),
        uniform_bucket_level_access=_of(make, "bucket_policy_only", name, default=True),
        force_destroy=_of(make, "force_destroy", name, default=False),
        versioning=make.blocks(enabled=_of(make, "versioning", name, default=False)),
        encryption=_block(make, encrypted),
        retention_policy=_of(make, "retention_policy", name),
        custom_placement_config=_of(make, "custom_placement_config", name),
        logging=_of(make, "logging", name),
        soft_delete_policy=_of(make, "soft_delete_policy", name),
        website=_website(make),
    )


def _of(
    make: Builder, name: str, bucket: Value, *, default: bool | None = None
) -> Value | None:
    """The entry of a bucket in an input by bucket name, else the module's default."""
    given = make.input(name)
    absent = None if default is None else make.default(name, default)
    if given is None or is_empty(given):
        return absent
    if given.unknown is not None:
        return given
    if not isinstance(bucket.data, str):
        return make.unknown("the names of the buckets are not known")
    found = given.get(bucket.data.lower()) or given.get(bucket.data)
    return absent if found is None or found.is_null else found


def _block(make: Builder, key: Value | None) -> Value | None:
    if key is None or (isinstance(key.data, str) and not key.data.strip()):
        return None
    return make.blocks(default_kms_key_name=key)


def _full_name(make: Builder, name: Value) -> Value | None:
    """`prefix-name-suffix`; the suffix is random, so that the whole is not known."""
    prefix = make.input("prefix")
    if switched_on(make.input("randomize_suffix")):
        return make.unknown("the module adds a random suffix")
    if prefix is None or is_empty(prefix):
        return name
    if not isinstance(prefix.data, str) or not isinstance(name.data, str):
        return make.unknown("a part of the name is not known")
    return name.replace(data=f"{prefix.data}-{name.data}")


def _website(make: Builder) -> Value | None:
    website = make.input("website")
    if website is None or is_empty(website):
        return None
    named = [website.get(n) for n in ("main_page_suffix", "not_found_page")]
    return None if all(v is None or v.is_null for v in named) else website


def _bindings(make: Builder, bucket: Resource, name: Value) -> list[Resource]:
    found = []
    for everywhere, switch, here, role in _ROLES:
        on = make.input(switch)
        if not switched_on(on):
            continue
        listed = [*entries_of(make.input(everywhere))]
        own = _of(make, here, name)
        if own is not None and isinstance(own.data, str):
            listed += [own.replace(data=m.strip()) for m in own.data.split(",") if m]
        elif own is not None:
            listed.append(own)
        key = quoted(name.data) if isinstance(name.data, str) else "*"
        found.append(
            make.resource(
                f"google_storage_bucket_iam_binding.{everywhere}[{key}]",
                "google",
                on,
                bucket=make.reference(bucket, "name"),
                role=make.fixed(role),
                members=make.fixed(tuple(listed)),
            )
        )
    return found


GOOGLE_BUCKETS = Module(
    (
        "terraform-google-modules/cloud-storage/google",
        "terraform-google-modules/terraform-google-cloud-storage",
    ),
    "5.0 to 12.3",
    12,
    _expand,
)
