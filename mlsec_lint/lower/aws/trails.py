"""Who records reads of S3 objects: CloudTrail data events and server access logs.

A trail records management events only, unless a selector asks for data events; each
selector is read for the objects that it covers. Unless it is of all regions, a trail
records its own region. Does not model: insight selectors, organisation trails of other
repositories.
"""

from __future__ import annotations

import re
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
)
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Fact
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
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
    """A bucket as selectors see it: its ARN as text, its region, its type of object."""

    arn: str
    region: object
    type: str


def lower_trails(index: TerraformIndex, estate: Estate) -> None:
    """State `access.logged` of every declared bucket."""
    trails = [(here, t) for here in index.roots for t in here.of(TRAIL, LAKE)]
    for here in index.roots:
        for resource in here.of(*BUCKETS):
            store = estate.find("store", here.address(resource))
            if store is None:
                continue
            bucket = _Bucket(
                told(here.attribute(resource, "arn")),
                region_of(here, resource).value,
                _TYPES[resource.type],
            )
            found = _server_logs(index, here, resource)
            for home, trail in trails:
                found += _recorded(home, trail, bucket)
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


def _recorded(here: RootIndex, trail: Resource, bucket: _Bucket) -> list[Fact]:
    """What each selector of a trail says about reads of a bucket's objects."""
    enabled = given(trail.values, "enable_logging")
    if enabled is not None and enabled.boolean() is False:
        return []
    if not _in_region(here, trail, bucket):
        return []
    found: list[Fact] = []
    for selector in blocks(trail.values, "event_selector"):
        for value, truth in _classic(here, selector, bucket):
            found.append(reading(value, trail, truth))
    for selector in blocks(trail.values, "advanced_event_selector"):
        truth = _advanced(here, selector, bucket)
        arn = values_at(selector, "field_selector")
        span = span_of(arn[0] if arn else selector, trail)
        found.append(reading(selector, trail, truth)._replace(span=span))
    return [maybe_absent(trail, fact) for fact in found if fact.value is not False]


def _in_region(here: RootIndex, trail: Resource, bucket: _Bucket) -> bool:
    """False only where a trail of one region is certainly not of the bucket's."""
    name = "multi_region_enabled" if trail.type == LAKE else "is_multi_region_trail"
    everywhere = given(trail.values, name)
    if trail.type == LAKE and everywhere is None:
        return True
    if everywhere is not None and everywhere.boolean() is not False:
        return True
    home = region_of(here, trail).value
    known = isinstance(home, str) and isinstance(bucket.region, str)
    return not known or home == bucket.region


def _classic(
    here: RootIndex, selector: Value, bucket: _Bucket
) -> list[tuple[Value, _Truth]]:
    if selector.unknown is not None:
        return [(selector, selector.unknown._replace(possible=None))]
    kind = given(selector, "read_write_type")
    if kind is not None and kind.data == "WriteOnly":
        return []
    found: list[tuple[Value, _Truth]] = []
    for block in blocks(selector, "data_resource"):
        sort = given(block, "type")
        if sort is not None and sort.data != bucket.type and sort.unknown is None:
            continue
        found += [
            (value, _covers(here, value, bucket))
            for value in values_at(block, "values")
            if not _malformed(here, value)
        ]
    return found


_EVERY_BUCKET = re.compile(r"arn:aws[a-z-]*:s3(:::)?$")


def _malformed(here: RootIndex, value: Value) -> bool:
    """A bucket without the slash behind it names no objects in a classic selector."""
    text = here.text_of(value)
    if not isinstance(text, str) or "/" in text:
        return False
    return _EVERY_BUCKET.match(text) is None


def _covers(here: RootIndex, value: Value, bucket: _Bucket) -> _Truth:
    """Whether a selector's ARN prefix covers all objects of a bucket."""
    text = here.text_of(value)
    prefix = told(text)
    whole = f"{bucket.arn}/"
    if whole.startswith(prefix) and HOLE not in prefix.partition(bucket.arn)[2]:
        return True
    if prefix.startswith(whole):
        why = f"only objects under {prefix.removeprefix(whole)} are recorded"
        return Unknown("unsupported", why, span=value.span)
    known, of_bucket = prefix.partition(HOLE)[0], whole.partition(HOLE)[0]
    shorter = min(len(known), len(of_bucket))
    if known[:shorter] != of_bucket[:shorter]:
        return False
    if HOLE not in prefix and HOLE not in whole:
        return False
    why = "which objects the selector covers is not known"
    base = text if isinstance(text, Unknown) else Unknown("resource", why)
    return base._replace(why=why, possible=None, parts=(), symbol=None)


def _advanced(here: RootIndex, selector: Value, bucket: _Bucket) -> _Truth:
    """All field selectors of one advanced selector together."""
    if selector.unknown is not None:
        return selector.unknown._replace(possible=None)
    truths: list[_Truth] = []
    fields = set()
    for block in blocks(selector, "field_selector"):
        name = here.text_of(given(block, "field"))
        if not isinstance(name, str):
            truths.append(Unknown("error", "the field is not known", span=block.span))
            continue
        fields.add(name)
        truths.append(_field(here, name, block, bucket))
    if not {"eventCategory", "resources.type"} <= fields:
        return False
    if any(truth is False for truth in truths):
        return False
    return next((t for t in truths if isinstance(t, Unknown)), True)


def _field(here: RootIndex, name: str, block: Value, bucket: _Bucket) -> _Truth:
    equal = values_at(block, "equals")
    texts = [here.text_of(v) for v in equal]
    if any(isinstance(text, Unknown) for text in texts) and name != "resources.ARN":
        why = f"what {name} is compared with is not known"
        return Unknown("variable", why, span=block.span)
    if name == "eventCategory":
        return "Data" in texts
    if name == "resources.type":
        return bucket.type in texts
    if name == "readOnly":
        return texts != ["false"]
    if name == "eventName" and texts:
        return any(text in _READS for text in texts)
    if name == "resources.ARN":
        return _by_arn(here, block, equal, bucket)
    why = f"the selector is narrowed down by {name}"
    return Unknown("unsupported", why, span=block.span)


def _by_arn(
    here: RootIndex, block: Value, equal: list[Value], bucket: _Bucket
) -> _Truth:
    starts = [*values_at(block, "starts_with"), *equal]
    if not starts:
        excluded = values_at(block, "not_starts_with")
        truths = [_covers(here, value, bucket) for value in excluded]
        if excluded and all(truth is False for truth in truths):
            return True
        if any(truth is True for truth in truths):
            return False
        why = "which objects the selector leaves out is not known"
        return Unknown("unsupported", why, span=block.span)
    truths = [_covers(here, value, bucket) for value in starts]
    if any(truth is True for truth in truths):
        return True
    return next((t for t in truths if isinstance(t, Unknown)), False)
