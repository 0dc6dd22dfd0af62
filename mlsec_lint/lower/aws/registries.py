"""Amazon ECR repositories: key, policy, and copies to other regions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.places import state_place
from mlsec_lint.lower.aws.copy_accounts import put_account
from mlsec_lint.lower.aws.keys import put_key
from mlsec_lint.lower.aws.place import put_place
from mlsec_lint.lower.aws.public import public_readings
from mlsec_lint.lower.declared import add_copy, declared_store
from mlsec_lint.lower.reading import (
    blocks,
    by_default,
    given,
    maybe_absent,
    put,
    put_also,
    reading,
    span_of,
    text_or_unknown,
)

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

REPOSITORY = "aws_ecr_repository"


def lower_registries(index: TerraformIndex, estate: Estate) -> None:
    """Every private and public ECR repository."""
    for here in index.roots:
        for repository in here.of(REPOSITORY):
            store = declared_store(here, estate, repository, "registry", "aws")
            put_place(here, store, repository)
            _key(here, estate, store, repository)
            _policies(index, here, store, repository)
            for rule in here.of("aws_ecr_replication_configuration"):
                _replicated(here, store, repository, rule, estate)
        for repository in here.of("aws_ecrpublic_repository"):
            store = declared_store(here, estate, repository, "registry", "aws")
            store.state("public.principal", value=True)


def _key(here: RootIndex, estate: Estate, store: Thing, repository: Resource) -> None:
    fact = "encryption.key.managed_by"
    block = given(repository.values, "encryption_configuration")
    kind, key = given(block, "encryption_type"), given(block, "kms_key")
    if key is not None:
        put_key(here, estate, store, repository, key)
    elif kind is not None:
        absent = by_default(repository, "kms_key")
        put(store, fact, absent._replace(span=span_of(kind, repository)))
    else:
        put(store, fact, by_default(repository, "encryption"))


def _policies(
    index: TerraformIndex, here: RootIndex, store: Thing, repository: Resource
) -> None:
    words = "no repository policy in the scan names everyone"
    store.state("public.principal", value=False, default=words)
    kind = "aws_ecr_repository_policy"
    for owner in index.satellites(here, repository, kind, "repository").found:
        document = given(owner.values, "policy")
        if document is not None:
            put(store, "public.principal", reading(document, owner, data=False))
            for found in public_readings(here, document, owner.span):
                put_also(store, "public.principal", maybe_absent(owner, found))


def _replicated(
    here: RootIndex,
    store: Thing,
    repository: Resource,
    replication: Resource,
    estate: Estate,
) -> None:
    configuration = given(replication.values, "replication_configuration")
    for number, rule in enumerate(blocks(configuration, "rule")):
        if not _filtered_in(here, repository, rule):
            continue
        for place, destination in enumerate(blocks(rule, "destination")):
            region = given(destination, "region")
            if region is None:
                continue
            span = span_of(region, replication)
            where = f"rule[{number}].destination[{place}]"
            address = f"{here.address(replication)}.{where}:{store.address}"
            copy = add_copy(estate, store, address, "ecr-replication", span, None)
            text = text_or_unknown(here.text_of(region), "a region")
            state_place(copy, "aws", text, span, trail=region.trail)
            put_account(here, copy, given(destination, "registry_id"), span)


def _filtered_in(here: RootIndex, repository: Resource, rule: Value) -> bool:
    """Whether a rule's prefix filters let a repository in; no filter lets all in."""
    filters = blocks(rule, "repository_filter")
    name = here.attribute(repository, "name")
    if not filters or not isinstance(name, str):
        return True
    for block in filters:
        prefix = here.text_of(given(block, "filter"))
        if not isinstance(prefix, str) or name.startswith(prefix):
            return True
    return False
