"""Policies of identities that the scan does not declare, or of which nobody can tell whose.

A policy attached to a role by a name that no config here declares gives its rights to
that role; one attached to `var.role_name` gives them to somebody unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.aws.grants.decide import Principal
from mlsec_lint.lower.aws.grants.holders import SORTS, Holder
from mlsec_lint.lower.aws.grants.outsiders import shown_text
from mlsec_lint.lower.reading import span_of
from mlsec_lint.lower.terraform_index import values_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.aws.grants.clause import Clause
    from mlsec_lint.lower.aws.grants.holders import Documents, Sort
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_MOST = 2_000


def strays_of(documents: Documents, holders: list[Holder]) -> list[Holder]:
    """One holder for each identity that only policies name. Their things are not added."""
    declared = {
        name.lower()
        for holder in holders
        for name in documents.index.home(holder.resource).names(holder.resource)
    }
    found: dict[str, Holder] = {}
    for here in documents.index.roots:
        for sort in SORTS:
            for owner, who, clauses in _satellites(documents, here, sort):
                if len(found) >= _MOST:
                    break
                if here.parents(who, sort.types):
                    continue
                name = documents.accounts.texts_of(here)(who)
                if not name or name.lower() in declared:
                    continue
                holder = _holder(documents, here, owner, who, name, sort)
                known = found.setdefault(holder.identity.address, holder)
                known.clauses = (*known.clauses, *clauses)
    return list(found.values())


def _satellites(
    documents: Documents, here: RootIndex, sort: Sort
) -> Iterator[tuple[Resource, Value, tuple[Clause, ...]]]:
    """Each policy of a sort of identity: its resource, whom it names, what it says."""
    for kind, argument, document in sort.inline:
        for owner in here.of(kind):
            for who in values_at(owner.values, argument):
                yield owner, who, documents.of(owner, document) or ()
    for kind, argument, listed in sort.attached:
        for owner in here.of(kind):
            for who in values_at(owner.values, argument):
                arns = values_at(owner.values, listed)
                clauses = [c for arn in arns for c in documents.named(owner, arn)]
                yield owner, who, tuple(clauses)


def _holder(
    documents: Documents,
    here: RootIndex,
    owner: Resource,
    who: Value,
    name: str,
    sort: Sort,
) -> Holder:
    shown, hidden = shown_text(name)
    span = span_of(who, owner)
    if hidden:
        address = f"unknown({here.prefix}{shown})"
        thing = Thing("identity", address, f"whom {owner.address} names", span, "aws")
        thing.state("sort", "unknown", span)
    else:
        address = f"{sort.arn}/{shown}"
        thing = Thing("identity", address, address, span, "aws", names={address})
        thing.state("sort", sort.sort, span)
    thing.library = owner.library
    account = documents.accounts.of(owner)
    arn = f"arn:aws:iam::{account}:{sort.arn}/{name}"
    return Holder(thing, here, owner, sort.sort, Principal("AWS", arn, account), ())
