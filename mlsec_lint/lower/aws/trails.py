"""Who records reads of S3 objects: CloudTrail data events and server access logs.

A trail records management events only, unless a selector asks for data events; each
selector is read for the objects that it covers. Unless it is of all regions, a trail
records its own region. Does not model: insight selectors, organisation trails of other
repositories.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.aws.arns import HOLE, told
from mlsec_lint.lower.aws.place import region_of
from mlsec_lint.lower.aws.s3 import BUCKETS
from mlsec_lint.lower.reading import (
    any_of,
    blocks,
    by_default,
    given,
    maybe_absent,
    put,
    reading,
    span_of,
    unknown_because,
    unless_unknown,
)
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

TRAIL, LAKE = "aws_cloudtrail", "aws_cloudtrail_event_data_store"
_TYPES = {
    "aws_s3_bucket": "AWS::S3::Object",
    "aws_s3_directory_bucket": "AWS::S3Express::Object",
}
_DATA = "data.event"
_READS = ("GetObject", "Get*", "*")

_Truth = bool | Unknown


class _Bucket(NamedTuple):
    """A bucket as selectors see it: its objects' prefix, its region, its type of object."""

    whole: str
    region: str | Unknown
    type: str


class _Prefix(NamedTuple):
    """An ARN prefix of a selector: as text with its unknown parts named, and as read."""

    value: Value
    told: str
    text: str | Unknown | None


class _Selector(NamedTuple):
    """What a selector covers: of which types of object, under which prefixes.

    `truth` is what all the rest of it says: False for one that records no reads, an
    Unknown for one that is narrowed down in ways that are not followed.
    """

    value: Value
    span: Span
    types: tuple[str, ...]
    truth: _Truth
    starts: tuple[_Prefix, ...] = ()
    excluded: tuple[_Prefix, ...] = ()


class _Trail(NamedTuple):
    """A trail that is not switched off: what it covers, and what is not known of it.

    `everywhere` is whether it records all regions, `on` whether it records at all.
    """

    resource: Resource
    region: str | Unknown
    everywhere: _Truth
    on: _Truth
    selectors: tuple[_Selector, ...]


def lower_trails(index: TerraformIndex, estate: Estate) -> None:
    """State `access.logged` of every declared bucket."""
    trails = [
        _trail(here, t) for here in index.roots for t in here.of(TRAIL, LAKE) if _on(t)
    ]
    for here in index.roots:
        for resource in here.of(*BUCKETS):
            store = estate.find("store", here.address(resource))
            if store is None:
                continue
            bucket = _Bucket(
                told(here.attribute(resource, "arn")) + "/",
                _text(here, resource),
                _TYPES[resource.type],
            )
            found = _server_logs(index, here, resource)
            for trail in trails:
                found += _recorded(trail, bucket)
            found.append(by_default(resource, _DATA, BUCKETS[0]))
            put(store, "access.logged", any_of(found))


def _server_logs(
    index: TerraformIndex, here: RootIndex, bucket: Resource
) -> list[Fact]:
    """Server access logs of a bucket: delivered to another bucket."""
    kind = "aws_s3_bucket_logging"
    satellites = index.satellites(here, bucket, kind)
    holders = [(owner, owner.values) for owner in satellites.found]
    holders += [(bucket, block) for block in blocks(bucket.values, "logging")]
    found = []
    for owner, values in holders:
        target = given(values, "target_bucket")
        if target is not None:
            found.append(maybe_absent(owner, reading(target, owner, data=True)))
        elif values.unknown is not None:
            found.append(reading(values, owner, values.unknown))
    if satellites.open:
        why = f"whether {satellites.open[0].address} is for this bucket is not known"
        found.append(unknown_because(bucket, why))
    return found


def _recorded(trail: _Trail, bucket: _Bucket) -> list[Fact]:
    """What the selectors of a trail say about reads of a bucket's objects."""
    here = _any([trail.everywhere, _same_region(trail, bucket)])
    found: list[Fact] = []
    for selector in trail.selectors if here is not False else ():
        truth = _all([trail.on, here, _covered(selector, bucket)])
        if truth is not False:
            fact = reading(selector.value, trail.resource, truth)
            fact = fact._replace(span=selector.span)
            found.append(maybe_absent(trail.resource, fact))
    return found


def _same_region(trail: _Trail, bucket: _Bucket) -> _Truth:
    """Whether trail and bucket are of one region: by name, or by the same unknown."""
    if told(trail.region) == told(bucket.region):
        return True
    for region in (trail.region, bucket.region):
        if isinstance(region, Unknown):
            return region._replace(possible=None, parts=())
    return False


def _on(trail: Resource) -> bool:
    enabled = given(trail.values, "enable_logging")
    return enabled is None or enabled.boolean() is not False


def _trail(here: RootIndex, trail: Resource) -> _Trail:
    selectors: list[_Selector] = []
    for selector in blocks(trail.values, "event_selector"):
        selectors += _classic(here, trail, selector)
    for selector in blocks(trail.values, "advanced_event_selector"):
        selectors.append(_advanced(here, trail, selector))
    kept = tuple(s for s in selectors if s.truth is not False)
    on = unless_unknown(given(trail.values, "enable_logging"))
    return _Trail(trail, _text(here, trail), _everywhere(trail), on, kept)


def _text(here: RootIndex, resource: Resource) -> str | Unknown:
    region = region_of(here, resource).value
    assert isinstance(region, str | Unknown)
    return region


def _everywhere(trail: Resource) -> _Truth:
    name = "multi_region_enabled" if trail.type == LAKE else "is_multi_region_trail"
    value = given(trail.values, name)
    if value is None:
        return trail.type == LAKE
    found = value.boolean()
    if isinstance(found, Unknown):
        return found._replace(possible=None, parts=())
    return found is True


def _prefix(here: RootIndex, value: Value) -> _Prefix:
    text = here.text_of(value)
    return _Prefix(value, told(text), text)


# -- selectors ------------------------------------------------------------------


def _unknown(trail: Resource, selector: Value) -> _Selector:
    assert selector.unknown is not None
    truth = selector.unknown._replace(possible=None)
    return _Selector(selector, span_of(selector, trail), (), truth)


def _classic(here: RootIndex, trail: Resource, selector: Value) -> list[_Selector]:
    """One for each ARN of a classic selector, which records reads unless it says not."""
    if selector.unknown is not None:
        return [_unknown(trail, selector)]
    kind = given(selector, "read_write_type")
    if kind is not None and kind.data == "WriteOnly":
        return []
    found: list[_Selector] = []
    for block in blocks(selector, "data_resource"):
        sort = here.text_of(given(block, "type"))
        types = (sort,) if isinstance(sort, str) else ()
        truth = unless_unknown(kind)
        if isinstance(sort, Unknown):
            truth = sort._replace(possible=None, parts=())
        for value in values_at(block, "values"):
            prefix = _prefix(here, value)
            if not _malformed(prefix.text):
                span = span_of(value, trail)
                found.append(_Selector(value, span, types, truth, (prefix,)))
    return found


_EVERY_BUCKET = regex(r"arn:aws[a-z-]*:s3(:::)?$")


def _malformed(text: str | Unknown | None) -> bool:
    """A bucket without the slash behind it names no objects in a classic selector."""
    if not isinstance(text, str) or "/" in text:
        return False
    return _EVERY_BUCKET.match(text) is None


def _advanced(here: RootIndex, trail: Resource, selector: Value) -> _Selector:
    """All field selectors of one advanced selector together."""
    if selector.unknown is not None:
        return _unknown(trail, selector)
    fields = blocks(selector, "field_selector")
    span = span_of(fields[0] if fields else selector, trail)
    truths: list[_Truth] = []
    types: tuple[str, ...] | None = None
    starts: list[Value] = []
    excluded: list[Value] = []
    for block in fields:
        name = here.text_of(given(block, "field"))
        equal = values_at(block, "equals")
        if name == "resources.ARN":
            starts += [*values_at(block, "starts_with"), *equal]
            excluded += values_at(block, "not_starts_with")
            if not starts and not excluded:
                truths.append(_narrowed(block, "the objects' ARN"))
            continue
        texts = [here.text_of(value) for value in equal]
        if name == "resources.type":
            types = tuple(text for text in texts if isinstance(text, str))
            if len(types) < len(texts):
                types = ()
                truths.append(_narrowed(block, "a type that is not known"))
            continue
        truths.append(_field(name, texts, block))
    if types is None or all(
        here.text_of(given(f, "field")) != "eventCategory" for f in fields
    ):
        return _Selector(selector, span, (), truth=False)
    truth = _all(truths)
    prefixes = tuple(_prefix(here, value) for value in starts)
    without = tuple(_prefix(here, value) for value in excluded)
    return _Selector(selector, span, types, truth, prefixes, without)


def _field(
    name: str | Unknown | None, texts: list[str | Unknown | None], block: Value
) -> _Truth:
    """What one field selector says about reads of data, whatever the bucket."""
    if any(isinstance(text, Unknown) for text in texts):
        why = f"what {name} is compared with is not known"
        return Unknown("variable", why, span=block.span)
    if name == "eventCategory":
        return "Data" in texts
    if name == "readOnly":
        return texts != ["false"]
    if name == "eventName" and texts:
        return any(text in _READS for text in texts)
    return _narrowed(block, name if isinstance(name, str) else "an unknown field")


def _narrowed(block: Value, name: str) -> Unknown:
    why = f"the selector is narrowed down by {name}"
    return Unknown("unsupported", why, span=block.span)


def _all(truths: list[_Truth]) -> _Truth:
    if any(truth is False for truth in truths):
        return False
    return next((t for t in truths if isinstance(t, Unknown)), True)


# -- which objects --------------------------------------------------------------


def _covered(selector: _Selector, bucket: _Bucket) -> _Truth:
    """Whether a selector covers all objects of a bucket."""
    if selector.types and bucket.type not in selector.types:
        return False
    truths: list[_Truth] = [selector.truth]
    if selector.starts:
        truths.append(_any([_covers(prefix, bucket) for prefix in selector.starts]))
    for prefix in selector.excluded:
        covers = _covers(prefix, bucket)
        truths.append(covers if isinstance(covers, Unknown) else not covers)
    return _all(truths)


def _any(truths: list[_Truth]) -> _Truth:
    if any(truth is True for truth in truths):
        return True
    return next((t for t in truths if isinstance(t, Unknown)), False)


def _covers(prefix: _Prefix, bucket: _Bucket) -> _Truth:
    """Whether an ARN prefix covers all objects of a bucket."""
    told_prefix, whole = prefix.told, bucket.whole
    if not told_prefix:
        return Unknown("error", "this is not an ARN", span=prefix.value.span)
    if whole.startswith(told_prefix):
        return True
    if told_prefix.startswith(whole):
        why = f"only objects under {told_prefix.removeprefix(whole)} are recorded"
        return Unknown("unsupported", why, span=prefix.value.span)
    if HOLE not in told_prefix and HOLE not in whole:
        return False
    known, of_bucket = told_prefix.partition(HOLE)[0], whole.partition(HOLE)[0]
    shorter = min(len(known), len(of_bucket))
    if known[:shorter] != of_bucket[:shorter]:
        return False
    why = "which objects the selector covers is not known"
    text = prefix.text
    base = text if isinstance(text, Unknown) else Unknown("resource", why)
    return base._replace(why=why, possible=None, parts=(), symbol=None)
