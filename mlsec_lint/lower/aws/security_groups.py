"""AWS security groups: whether they let a whole network in on a port.

Reads inline rules, `aws_security_group_rule` and `aws_vpc_security_group_ingress_rule`.
Rules that name other groups, prefix lists or the group itself let some in, not a network.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.networks import whole_network
from mlsec_lint.lower.reading import blocks, given, maybe_absent, reading, span_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.lower.unsure import unsure_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Fact
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

GROUP = "aws_security_group"
_RULE = "aws_security_group_rule"
_INGRESS = "aws_vpc_security_group_ingress_rule"
_PARENT = "security_group_id"
_RANGES = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")


class _Rule(NamedTuple):
    owner: Resource
    values: Value


@dataclass(slots=True)
class Groups:
    """The security groups of a root; what each lets in on a port is read once."""

    index: TerraformIndex
    here: RootIndex
    networks: frozenset[str]
    _known: dict[tuple[int, int], list[Fact]] = field(default_factory=dict)

    def admitted(self, groups: Value, owner: Resource, port: int) -> Iterator[Fact]:
        """Readings of what a list of groups lets in: True where it is a whole network.

        A group that the root does not declare is unknown, at the list. None at all
        means that no rule of the groups lets a network in.
        """
        for value in groups.elements() or (groups,):
            found = self.here.parents(value, (GROUP,))
            if not found:
                why = Unknown("resource", "the security group is not declared here")
                unknown = value.unknown
                known = why if unknown is None else unknown._replace(possible=None)
                yield reading(groups, owner, known._replace(parts=()))
            for group in found:
                yield from self._of(group, port)

    def _of(self, group: Resource, port: int) -> list[Fact]:
        key = (id(group), port)
        if key not in self._known:
            self._known[key] = [
                _about(found, covered)
                for rule in _rules(self.index, self.here, group)
                if (covered := _covers(rule.values, port)) is not False
                for found in _ranges(self.here, rule, self.networks)
            ]
            for kind in (_RULE, _INGRESS):
                rules = self.index.satellites(self.here, group, kind, _PARENT)
                self._known[key] += unsure_of(self.here, rules, _PARENT)
        return self._known[key]


def _about(found: Fact, covered: bool | Unknown) -> Fact:
    """A reading of a rule of which nobody may know whether it is about the port."""
    if isinstance(covered, Unknown) and found.value is True:
        return found._replace(value=covered._replace(possible=None, parts=()))
    return found


def groups_of(index: TerraformIndex, here: RootIndex) -> Groups:
    """The security groups of a root."""
    return Groups(index, here, _networks(here))


def _networks(here: RootIndex) -> frozenset[str]:
    """Ranges of the networks that the root declares."""
    texts = (
        here.text_of(given(vpc.values, "cidr_block"))
        for vpc in here.of("aws_vpc", "data.aws_vpc")
    )
    return frozenset(text for text in texts if isinstance(text, str))


def _rules(index: TerraformIndex, here: RootIndex, group: Resource) -> Iterator[_Rule]:
    for block in blocks(group.values, "ingress"):
        yield _Rule(group, block)
    for rule in index.satellites(here, group, _RULE, _PARENT).found:
        sort = given(rule.values, "type")
        if sort is None or sort.data != "egress":
            yield _Rule(rule, rule.values)
    for rule in index.satellites(here, group, _INGRESS, _PARENT).found:
        yield _Rule(rule, rule.values)


def _covers(values: Value, port: int) -> bool | Unknown:
    """Whether a rule is about a port; unknown where its ports or protocol are."""
    protocol = given(values, "protocol") or given(values, "ip_protocol")
    word = protocol.text() if protocol is not None else None
    if word in ("-1", "all"):
        return True
    if isinstance(word, str) and word.lower() not in ("tcp", "6"):
        return False
    low, high = (
        value.integer() if value is not None else None
        for value in (given(values, "from_port"), given(values, "to_port"))
    )
    if isinstance(word, Unknown):
        return word
    if isinstance(low, Unknown):
        return low
    if isinstance(high, Unknown):
        return high
    if low is None or high is None:
        return True
    return low <= port <= high


def _ranges(here: RootIndex, rule: _Rule, networks: frozenset[str]) -> Iterator[Fact]:
    if rule.values.unknown is not None:
        unknown = rule.values.unknown._replace(possible=None, parts=())
        yield reading(rule.values, rule.owner, unknown)
        return
    for name in _RANGES:
        listed = given(rule.values, name)
        if listed is None:
            continue
        for value in values_at(rule.values, name):
            wide = whole_network(here, value, networks)
            if wide is not False:
                found = reading(value, rule.owner, wide)
                found = found._replace(span=span_of(listed, rule.owner))
                yield maybe_absent(rule.owner, found)
