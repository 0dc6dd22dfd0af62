"""Which resources a backup selection covers: by ARN pattern, by tag, by conditions.

Tags of a selection are alternatives; its conditions must all hold for what its patterns
name (AWS Backup, BackupSelection API, 2026-11). Everything is three-valued, and read
once for each selection and each resource.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.wildcards import wildcard
from mlsec_lint.lower.aws.arns import arn_matches
from mlsec_lint.lower.aws.place import region_of
from mlsec_lint.lower.reading import blocks, given, text_or_unknown
from mlsec_lint.lower.tags import tags_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

Truth = bool | Unknown

_TAG_KEY = "aws:ResourceTag/"
#: Operator -> (whether the tag must be equal, whether `*` stands for anything).
_OPERATORS = {
    "string_equals": (True, False),
    "string_like": (True, True),
    "string_not_equals": (False, False),
    "string_not_like": (False, True),
}


class Kept(NamedTuple):
    """A resource that backups may cover, and its stores.

    `resource` is None for a disk that a cluster makes for a claim, of the type that
    Terraform would call it; `open` says why further tags may be there, where not all of
    them are known.
    """

    resource: Resource | None
    type: str
    name: str
    stores: tuple[Thing, ...]
    region: object
    arn: str | Unknown | None
    tags: dict[str, str | Unknown]
    open: Unknown | None

    def tag(self, name: str) -> str | Unknown | None:
        """The value of a tag; None where the resource has none, Unknown where it may."""
        return self.tags.get(name, self.open)


def kept_of(here: RootIndex, resource: Resource, stores: tuple[Thing, ...]) -> Kept:
    """A resource with its region, ARN and tags."""
    maps = (
        given(resource.values, "tags"),
        given(resource.provider.values, "default_tags", "tags"),
    )
    found = [m.unknown for m in maps if m is not None and m.unknown is not None]
    unknown = found[0] if found else None
    return Kept(
        resource,
        resource.type,
        resource.address,
        stores,
        region_of(here, resource).value,
        here.attribute(resource, "arn"),
        {k: text_or_unknown(here.text_of(v), "a tag") for k, v in tags_of(resource)},
        unknown._replace(possible=None, parts=()) if unknown is not None else None,
    )


class _Comparison(NamedTuple):
    """A comparison with one tag."""

    name: str | Unknown
    wanted: str | Unknown
    positive: bool
    loose: bool


class _Pattern(NamedTuple):
    """A pattern of ARNs, or references to resources of the scan."""

    text: str | Unknown
    resources: frozenset[int]


class Selection(NamedTuple):
    """A selection as read."""

    tags: tuple[_Comparison, ...]
    patterns: tuple[_Pattern, ...]
    conditions: tuple[_Comparison, ...]
    excluded: tuple[_Pattern, ...]


def read_selection(
    here: RootIndex, resource: Resource, types: Sequence[str]
) -> Selection:
    """What an `aws_backup_selection` chooses by; `types` are what references may mean."""
    values = resource.values
    conditions = [
        _comparison(here, block, how)
        for condition in blocks(values, "condition")
        for operator, how in _OPERATORS.items()
        for block in blocks(condition, operator)
    ]
    return Selection(
        tuple(
            _comparison(here, block, (True, False))
            for block in blocks(values, "selection_tag")
        ),
        _patterns(here, values_at(values, "resources"), types),
        tuple(conditions),
        _patterns(here, values_at(values, "not_resources"), types),
    )


def _comparison(here: RootIndex, block: Value, how: tuple[bool, bool]) -> _Comparison:
    name = text_or_unknown(here.text_of(given(block, "key")), "a tag")
    wanted = text_or_unknown(here.text_of(given(block, "value")), "a tag's value")
    if isinstance(name, str):
        name = name.removeprefix(_TAG_KEY)
    return _Comparison(name, wanted, *how)


def _patterns(
    here: RootIndex, values: Iterable[Value], types: Sequence[str]
) -> tuple[_Pattern, ...]:
    found = []
    for value in values:
        text = text_or_unknown(here.text_of(value), "an ARN")
        ids = frozenset(id(parent) for parent in here.parents(value, types))
        found.append(_Pattern(text, ids))
    return tuple(found)


def selected(selection: Selection, kept: Kept) -> Truth:
    """Whether a selection covers a resource."""
    by_tag = either(_holds(tag, kept) for tag in selection.tags)
    named = _named(selection.patterns, kept)
    if selection.conditions:
        if not selection.patterns:
            named = True
        named = both((named, *(_holds(c, kept) for c in selection.conditions)))
    chosen = either((by_tag, named))
    if chosen is False or not selection.excluded:
        return chosen
    excluded = _named(selection.excluded, kept)
    left = excluded if isinstance(excluded, Unknown) else not excluded
    return both((chosen, left))


def _holds(comparison: _Comparison, kept: Kept) -> Truth:
    name, wanted = comparison.name, comparison.wanted
    if isinstance(name, Unknown):
        return name._replace(possible=None)
    has = kept.tag(name)
    if isinstance(has, Unknown):
        return has._replace(possible=None)
    if isinstance(wanted, Unknown):
        unsure = wanted._replace(possible=None)
        return unsure if has is not None else not comparison.positive
    if comparison.loose:
        equal = has is not None and wildcard(wanted, has)
    else:
        equal = has == wanted
    return equal is comparison.positive


def _named(patterns: Iterable[_Pattern], kept: Kept) -> Truth:
    return either(_matches(pattern, kept) for pattern in patterns)


def _matches(pattern: _Pattern, kept: Kept) -> Truth:
    if pattern.resources:
        return kept.resource is not None and id(kept.resource) in pattern.resources
    if isinstance(pattern.text, Unknown):
        return pattern.text._replace(possible=None)
    return arn_matches(pattern.text, kept.arn)


def any_tag(wanted: dict[str, str | Unknown], kept: Kept) -> Truth:
    """Whether a resource has one of some tags (Data Lifecycle Manager)."""
    return either(
        _holds(_Comparison(name, value, positive=True, loose=False), kept)
        for name, value in wanted.items()
    )


def either(found: Iterable[Truth]) -> Truth:
    """True if one is: the first unknown where none is."""
    known = tuple(found)
    if any(one is True for one in known):
        return True
    return next((one for one in known if isinstance(one, Unknown)), False)


def both(found: Iterable[Truth]) -> Truth:
    """False if one is: the first unknown where none is."""
    known = tuple(found)
    if any(one is False for one in known):
        return False
    return next((one for one in known if isinstance(one, Unknown)), True)
