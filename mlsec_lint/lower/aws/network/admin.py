"""Security groups that open remote administration to the whole internet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.addresses import is_internet, ports
from mlsec_lint.lower.aws.network.groups import (
    GROUP,
    addresses_of,
    doubt_of,
    plain,
    ports_of,
)
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.lower.terraform_index import values_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.aws.network.groups import Groups, Lines
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_RULE = "aws_security_group_rule"
_INGRESS = "aws_vpc_security_group_ingress_rule"
_PARENT = "security_group_id"
_RANGES = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")
#: SSH and RDP.
ADMIN = ports("TCP", 22, 22).union(ports("TCP", 3389, 3389))


def admin_lines(groups: Groups, listed: Iterable[Value]) -> Lines:
    """The lines of groups by which anybody reaches port 22 or 3389, or may."""
    found: list[tuple[Truth, Span]] = []
    for value in listed:
        for group in groups.here.parents(value, (GROUP,)):
            found += lines_of_group(groups, group)
    return tuple(dict.fromkeys(found))


def lines_of_group(groups: Groups, group: Resource) -> Lines:
    """The lines of one group, inline or of rules of their own; found once."""
    known = groups.admin.get(id(group))
    if known is None:
        known = groups.admin[id(group)] = tuple(_lines_of(groups, group))
    return known


def _lines_of(groups: Groups, group: Resource) -> Iterator[tuple[Truth, Span]]:
    for block in blocks(group.values, "ingress"):
        yield from lines_of_rule(groups, group, block)
    for kind in (_RULE, _INGRESS):
        for rule in groups.index.satellites(groups.here, group, kind, _PARENT).found:
            sort = given(rule.values, "type")
            if sort is None or sort.data != "egress":
                yield from lines_of_rule(groups, rule, rule.values)


def lines_of_rule(
    groups: Groups, owner: Resource, values: Value
) -> Iterator[tuple[Truth, Span]]:
    """The lines of one rule for what comes in; `owner` holds it, or is it."""
    if values.unknown is not None:
        return  # which rules there are is not known: no rule says that one is open
    which, doubt = ports_of(values)
    if not which.intersect(ADMIN):
        return
    for name in _RANGES:
        listed = given(values, name)
        if listed is None:
            continue
        found = [listed] if listed.unknown is not None else values_at(values, name)
        for value in found:
            where, unsure = addresses_of(groups.here, value)
            if not is_internet(where):
                continue
            for one in (unsure, doubt_of(owner)):
                doubt = one if doubt is None else doubt
            truth: Truth = True if doubt is None else plain(doubt)
            yield truth, span_of(listed, owner)
