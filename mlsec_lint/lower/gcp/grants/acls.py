"""Access lists of buckets without uniform access: default lists of objects, bucket lists.

A default list is what new objects get (Cloud Storage, "Access control lists", 2026-11).
Everyone in a list is a fact of the store (`public.acl`); a project's owners, editors and
viewers read by default anyway. Lists of single objects are not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.gcp.grants.bindings import Origin
from mlsec_lint.lower.gcp.grants.pods import each
from mlsec_lint.lower.gcp.grants.texts import told
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.gcp.grants.people import People
    from mlsec_lint.lower.gcp.grants.stores import Placed
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_BUCKET = "google_storage_bucket"
_LISTS = (
    ("google_storage_bucket_acl", "may write", ("WRITER", "OWNER")),
    ("google_storage_default_object_acl", "may read", ("READER", "OWNER")),
)
_ENTRIES = (
    ("google_storage_bucket_access_control", "may write", ("WRITER", "OWNER")),
    ("google_storage_default_object_access_control", "may read", ("READER", "OWNER")),
)


def link_lists(index: TerraformIndex, people: People, placed: Placed) -> None:
    """Link those whom the lists of one bucket name."""
    uniform = placed.thing.fact("auth.identity_only")
    if placed.home is None or uniform is None or uniform.value is True:
        return
    doubt = ""
    if isinstance(uniform.value, Unknown):
        doubt = "whether the bucket has uniform access, without lists, is not known"
    for bucket in placed.home.of(_BUCKET):
        if placed.home.address(bucket) != placed.thing.address:
            continue
        for verb, role, entity, value, owner in _entries(index, placed.home, bucket):
            member = _member(entity)
            span = span_of(value, owner)
            origin = Origin(index.home(owner), owner, value, span, span)
            words = f"its access list names {entity} as {role}"
            actors = people.actors(member, origin) if member else []
            for actor in each(actors, doubt):
                people.link(actor, verb, placed.thing, span, words)


def _entries(
    index: TerraformIndex, here: RootIndex, bucket: Resource
) -> Iterator[tuple[str, str, str, Value, Resource]]:
    """(verb, role, entity, value, owner) of every entry that gives a right on bytes."""
    for kind, verb, roles in _LISTS:
        for owner in index.satellites(here, bucket, kind).found:
            for value in values_at(owner.values, "role_entity"):
                role, _, entity = told(index.home(owner), value).partition(":")
                if role in roles:
                    yield verb, role, entity, value, owner
    for kind, verb, roles in _ENTRIES:
        for owner in index.satellites(here, bucket, kind).found:
            home = index.home(owner)
            named = given(owner.values, "entity")
            role = told(home, given(owner.values, "role"))
            if named is not None and role in roles:
                yield verb, role, told(home, named), named, owner


def _member(entity: str) -> str:
    """`user-kim@lab.example` as a member; "" for everyone and for project teams."""
    kind, _, name = entity.partition("-")
    if kind == "user":
        robot = name.endswith(".gserviceaccount.com")
        return f"{'serviceAccount' if robot else 'user'}:{name}"
    return f"{kind}:{name}" if kind in ("group", "domain") else ""
