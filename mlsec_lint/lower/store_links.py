"""Signed links and shared signatures that Terraform makes for weight stores.

Cloud Storage signed URLs, Azure shared access signatures and the longest that an
account allows, and bucket policies that limit the age of signatures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.policy import read_policy
from mlsec_lint.lower.declared import store_of
from mlsec_lint.lower.links import duration, hours_between, hours_of
from mlsec_lint.lower.reading import blocks, given, put_also, reading
from mlsec_lint.lower.terraform_index import index_of
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Fact, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_FACT = "link.hours"
_ACCOUNT = "azurerm_storage_account"
_SAS = (
    "data.azurerm_storage_account_sas",
    "data.azurerm_storage_account_blob_container_sas",
)
_PERIOD = regex(r"(\d{1,5})\.(\d{1,2}):(\d{1,2}):(\d{1,2})")


def lower_store_links(inputs: Inputs, estate: Estate) -> None:
    """State `link.hours` of stores, one fact per link or limit."""
    index = index_of(inputs)
    for here in index.roots:
        for store, fact in _found(index, here, estate):
            put_also(store, _FACT, fact)


def _found(
    index: TerraformIndex, here: RootIndex, estate: Estate
) -> Iterator[tuple[Thing, Fact]]:
    for link in here.of("data.google_storage_object_signed_url"):
        value = given(link.values, "duration")
        span = link.values if value is None else value
        fact = reading(span, link, _duration(here, value))
        if value is None:
            fact = fact._replace(span=link.span)
        bucket = given(link.values, "bucket")
        for store in _stores(index, here, bucket, ("google_storage_bucket",), estate):
            yield store, fact
    for kind in _SAS:
        for sas in here.of(kind):
            end = given(sas.values, "expiry")
            named = given(sas.values, "connection_string")
            if end is None:
                continue
            fact = reading(end, sas, _between(here, given(sas.values, "start"), end))
            for store in _stores(index, here, named, (_ACCOUNT,), estate):
                yield store, fact
    yield from _limits(index, here, estate)


def _stores(
    index: TerraformIndex,
    here: RootIndex,
    value: Value | None,
    types: tuple[str, ...],
    estate: Estate,
) -> Iterator[Thing]:
    for parent in here.parents(value, types):
        store = store_of(index, estate, parent)
        if store is not None:
            yield store


def _duration(here: RootIndex, value: Value | None) -> int | Unknown:
    """A Go duration; an hour where it is left out (google 7.x documentation, 2026-11)."""
    if value is None:
        return 1
    text = here.text_of(value)
    found = duration(text) if isinstance(text, str) else None
    if found is not None:
        return found
    why = "how long the link is good is not known"
    return text if isinstance(text, Unknown) else Unknown("error", why, span=value.span)


def _between(here: RootIndex, start: Value | None, end: Value) -> int | Unknown:
    texts = [
        here.text_of(value) if value is not None else None for value in (start, end)
    ]
    first, last = texts
    if isinstance(first, str) and isinstance(last, str):
        found = hours_between(first, last)
        if found is not None:
            return found
    unknown = next((t for t in texts if isinstance(t, Unknown)), None)
    why = "from when to when the signature is good is not known"
    if unknown is not None:
        return unknown._replace(possible=None, parts=())
    return Unknown("resource", why, span=end.span)


def _limits(
    index: TerraformIndex, here: RootIndex, estate: Estate
) -> Iterator[tuple[Thing, Fact]]:
    """The longest that an account or a bucket's policy allows."""
    for account in here.of(_ACCOUNT):
        store = store_of(index, estate, account)
        for policy in blocks(account.values, "sas_policy"):
            period = given(policy, "expiration_period")
            if store is not None and period is not None:
                yield store, reading(period, account, _period(here, period))
    for bucket in here.of("aws_s3_bucket"):
        store = store_of(index, estate, bucket)
        for owner in index.satellites(here, bucket, "aws_s3_bucket_policy").found:
            if store is not None:
                for fact in _ages(index.home(owner), owner):
                    yield store, fact


def _period(here: RootIndex, value: Value) -> int | Unknown:
    """`DD.HH:MM:SS` (Azure, "Configure an expiration policy for SAS", 2026-11)."""
    text = here.text_of(value)
    if isinstance(text, Unknown):
        return text._replace(possible=None, parts=())
    match = _PERIOD.fullmatch(text or "")
    if match is None:
        return Unknown("error", "this is no period DD.HH:MM:SS", span=value.span)
    days, hours, minutes, seconds = (int(part) for part in match.groups())
    return hours_of(days * 86400 + hours * 3600 + minutes * 60 + seconds)


def _ages(here: RootIndex, owner: Resource) -> Iterator[Fact]:
    """Denials of signatures older than so many milliseconds."""
    policy = given(owner.values, "policy")
    if policy is None:
        return
    for statement in read_policy(here, policy, owner.span).statements:
        for condition in statement.conditions:
            if statement.effect != "Deny" or condition.key.lower() != "s3:signatureage":
                continue
            for value in condition.values[:1]:
                number = value.integer()
                if isinstance(number, int) and not isinstance(number, bool):
                    yield reading(value, owner, hours_of(number // 1000))
                else:
                    why = "the age of signatures is not known"
                    yield reading(value, owner, Unknown("error", why, span=value.span))
