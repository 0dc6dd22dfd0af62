"""What goes out of AWS security groups and network ACLs, as filters.

Groups are allow-lists that add up. A group that Terraform makes has no rule for what
goes out but those that are written (the provider removes AWS's own; aws 5.100.0, doc of
`aws_security_group`); a VPC's default group, unless adopted, lets everything out. ACLs
are numbered: the lowest number that matches decides, and what matches none is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlsec_lint.estate.addresses import (
    EVERY_ADDRESS,
    EVERY_PORT,
    NO_ADDRESS,
    Addresses,
    Ports,
    network,
    ports,
)
from mlsec_lint.estate.networks import Filter
from mlsec_lint.estate.policy import MAIN, Applied, Peer, Policy, Rule
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.lower.terraform_index import symbol_of, type_of, values_at
from mlsec_lint.lower.unsure import may_be_any
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

#: Lines by which something is open: whether so for certain, and where it says so.
Lines = tuple[tuple["Truth", "Span"], ...]
GROUP = "aws_security_group"
DEFAULT_GROUP = "aws_default_security_group"
ACL = "aws_network_acl"
DEFAULT_ACL = "aws_default_network_acl"
_RULE = "aws_security_group_rule"
_EGRESS = "aws_vpc_security_group_egress_rule"
_PARENT = "security_group_id"
_RANGES = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")
_PROTOCOLS = {"6": "TCP", "tcp": "TCP", "17": "UDP", "udp": "UDP"}


def plain(unknown: Unknown) -> Unknown:
    """An Unknown as the reason of a doubt: its own possible values are another matter."""
    return unknown._replace(possible=None, parts=(), symbol=None, bounds=None)


def applies(policy: Policy) -> Applied:
    """A policy that applies for certain."""
    return Applied(policy, truth=True)


def doubt_of(resource: Resource) -> Unknown | None:
    """Why a resource may not be there; None where it is."""
    if not resource.repeat_unknown:
        return None
    why = f"whether {resource.address} exists is not known"
    return Unknown("variable", why, span=resource.span)


@dataclass(slots=True)
class Groups:
    """The filters of a root, each read once.

    `admin` keeps, by group, the lines that `admin.lines_of_group` found.
    """

    index: TerraformIndex
    here: RootIndex
    _policies: dict[int, Policy] = field(default_factory=dict)
    _unknown: dict[tuple[str, object], Applied] = field(default_factory=dict)
    admin: dict[int, Lines] = field(default_factory=dict)

    def of(self, listed: Iterable[Value], owner: Resource, words: str) -> Filter | None:
        """The filter of a list of groups; None where the list is empty."""
        applied: list[Applied] = []
        span = owner.span
        for value in listed:
            span = span_of(value, owner) if span is owner.span else span
            found = self.here.parents(value, (GROUP, DEFAULT_GROUP))
            if not found:
                applied.append(self._elsewhere(value, owner))
            applied += [applies(self.policy(group)) for group in found]
        if not applied:
            return None
        return Filter(tuple(dict.fromkeys(applied)), words, span)

    def default(self, vpc: Resource | None, owner: Resource) -> Filter | None:
        """The VPC's own group: it lets everything out unless Terraform adopts it."""
        if vpc is None:
            return None
        adopted = self.index.satellites(self.here, vpc, DEFAULT_GROUP, "vpc_id").found
        if not adopted:
            return None
        words = "the VPC's default security group"
        applied = tuple(applies(self.policy(one)) for one in adopted)
        return Filter(applied, words, owner.span)

    def _elsewhere(self, value: Value, owner: Resource) -> Applied:
        """A group that the scan does not hold: it may let anything out."""
        symbol = symbol_of(value)
        text = self.here.text_of(value)
        known = text if isinstance(text, str) else None
        name = known or (symbol.address if symbol is not None else "")
        key = (name, span_of(value, owner) if not name else None)
        if key not in self._unknown:
            span = span_of(value, owner)
            why = Unknown(
                "resource",
                f"the rules of the security group {name or 'it names'} are not in the scan",
                span=span,
            )
            policy = open_perhaps(name or f"a group of {owner.address}", span, why)
            self._unknown[key] = applies(policy)
        return self._unknown[key]

    def policy(self, group: Resource) -> Policy:
        """The rules of a group for what goes out."""
        found = self._policies.get(id(group))
        if found is None:
            found = self._policies[id(group)] = self._read(group)
        return found

    def _read(self, group: Resource) -> Policy:
        rules: list[Rule] = []
        for block in blocks(group.values, "egress"):
            rules += self.rules(group, block)
        for kind in (_RULE, _EGRESS):
            satellites = self.index.satellites(self.here, group, kind, _PARENT)
            for rule in satellites.found:
                sort = given(rule.values, "type")
                if kind == _EGRESS or (sort is not None and sort.data != "ingress"):
                    rules += self.rules(rule, rule.values)
            rules += [
                _perhaps(one)
                for one in satellites.open
                if (kind == _EGRESS or _goes_out(one))
                and may_be_any(self.here, given(one.values, _PARENT))
            ]
        address = self.here.address(group)
        name = group.address.removeprefix(f"{group.module}.")
        return Policy(name, address, group.span, MAIN, tuple(rules))

    def rules(self, owner: Resource, values: Value) -> Iterator[Rule]:
        """One rule for each range, prefix list and group of a block or resource."""
        if values.unknown is not None:
            yield _unclear(values, owner, plain(values.unknown))
            return
        which, doubt = ports_of(values)
        if doubt is None:
            doubt = doubt_of(owner)
        sort = given(values, "type")
        if sort is not None and sort.unknown is not None:
            doubt = plain(sort.unknown)
        for name in _RANGES:
            listed = given(values, name)
            if listed is None:
                continue
            found = values_at(values, name)
            if listed.unknown is not None:
                found = [listed]
            for value in found:
                where, unsure = addresses_of(self.here, value)
                peer = Peer(where, unknown=unsure)
                span = span_of(listed, owner)
                yield Rule("allow", peer, which, span, doubt, value.trail)
        for value in values_at(values, "prefix_list_ids") + values_at(
            values, "prefix_list_id"
        ):
            peer = self._prefixes(value)
            yield Rule("allow", peer, which, span_of(value, owner), doubt, value.trail)

    def _prefixes(self, value: Value) -> Peer:
        """A prefix list: of an AWS service by its name, of the scan by its entries."""
        text = self.here.text_of(value)
        lists = self.here.parents(
            value, ("data.aws_prefix_list", "data.aws_ec2_managed_prefix_list")
        )
        for one in lists:
            name = self.here.text_of(given(one.values, "name"))
            if isinstance(name, str) and name.endswith(".s3"):
                return Peer(hosts=("s3.amazonaws.com",))
        endpoints = self.here.parents(value, ("aws_vpc_endpoint",))
        for one in endpoints:
            name = self.here.text_of(given(one.values, "service_name"))
            if isinstance(name, str) and name.endswith(".s3"):
                return Peer(hosts=("s3.amazonaws.com",))
            if isinstance(name, str):
                return Peer(hosts=(f"{name.rpartition('.')[2]}.service",))
        together = NO_ADDRESS
        for one in self.here.parents(value, ("aws_ec2_managed_prefix_list",)):
            for entry in blocks(one.values, "entry"):
                where, unsure = addresses_of(self.here, given(entry, "cidr"))
                if unsure is not None:
                    return Peer(where, unknown=unsure)
                together = together.union(where)
        if together:
            return Peer(together)
        label = text if isinstance(text, str) else "it names"
        why = Unknown(
            "resource", f"the prefix list {label} is not in the scan", span=value.span
        )
        return Peer(hosts=("prefix-list",), unknown=why)

    # -- network ACLs --------------------------------------------------------------

    def acl(self, acl: Resource) -> Filter:
        """The rules of a network ACL for what goes out."""
        found = self._policies.get(id(acl))
        if found is None:
            found = self._policies[id(acl)] = self._read_acl(acl)
        return Filter((applies(found),), f"network ACL {found.name}", acl.span)

    def _read_acl(self, acl: Resource) -> Policy:
        numbered = [
            self._entry(acl, block, "rule_no", "action")
            for block in blocks(acl.values, "egress")
        ]
        satellites = self.index.satellites(
            self.here, acl, "aws_network_acl_rule", "network_acl_id"
        )
        for rule in satellites.found:
            out = given(rule.values, "egress")
            if out is None or out.boolean() is False:
                continue
            numbered.append(
                self._entry(rule, rule.values, "rule_number", "rule_action")
            )
        numbered += [
            (0.0, _perhaps(one))
            for one in satellites.open
            if may_be_any(self.here, given(one.values, "network_acl_id"))
        ]
        rules = [rule for _, rule in sorted(numbered, key=lambda one: one[0])]
        address = self.here.address(acl)
        name = acl.address.removeprefix(f"{acl.module}.")
        return Policy(name, address, acl.span, MAIN, tuple(rules))

    def _entry(
        self, owner: Resource, values: Value, number: str, action: str
    ) -> tuple[float, Rule]:
        if values.unknown is not None:
            return 0.0, _unclear(values, owner, plain(values.unknown))
        which, doubt = ports_of(values)
        order = given(values, number)
        place = order.integer() if order is not None else None
        if isinstance(place, Unknown) and doubt is None:
            doubt = plain(place)
        said = given(values, action)
        verdict = said.text() if said is not None else None
        if isinstance(verdict, Unknown) and doubt is None:
            doubt = plain(verdict)
        ranges = given(values, "cidr_block") or given(values, "ipv6_cidr_block")
        where, unsure = addresses_of(self.here, ranges)
        if doubt is None:
            doubt = doubt_of(owner)
        refused = isinstance(verdict, str) and verdict.lower() == "deny"
        span = span_of(ranges, owner) if ranges is not None else owner.span
        rule = Rule(
            "deny" if refused else "allow",
            Peer(where, unknown=unsure),
            which,
            span,
            doubt,
        )
        return float(place) if isinstance(place, int) else 0.0, rule


def _goes_out(rule: Resource) -> bool:
    sort = given(rule.values, "type")
    return sort is None or sort.data != "ingress"


def _perhaps(other: Resource) -> Rule:
    """A rule of which nobody can tell whether it is this group's."""
    why = Unknown(
        "resource", f"of what {other.address} speaks is not known", span=other.span
    )
    return Rule("allow", Peer(everywhere=True, unknown=why), EVERY_PORT, other.span)


def _unclear(values: Value, owner: Resource, why: Unknown) -> Rule:
    peer = Peer(everywhere=True, unknown=why)
    return Rule("allow", peer, EVERY_PORT, span_of(values, owner))


def open_perhaps(name: str, span: Span, why: Unknown) -> Policy:
    """A policy that may let everything out, and may not."""
    rule = Rule("allow", Peer(everywhere=True, unknown=why), EVERY_PORT, span)
    return Policy(name, name, span, MAIN, (rule,))


def ports_of(values: Value) -> tuple[Ports, Unknown | None]:
    """The ports of a rule; all of them, with the reason, where they are not known."""
    said = given(values, "protocol") or given(values, "ip_protocol")
    word = said.text() if said is not None else "-1"
    if isinstance(word, Unknown):
        return EVERY_PORT, plain(word)
    word = str(word).lower()
    if word in ("-1", "all"):
        return EVERY_PORT, None
    name = _PROTOCOLS.get(word, "OTHER")
    if name == "OTHER":
        return ports("OTHER"), None
    ends = []
    for argument in ("from_port", "to_port"):
        value = given(values, argument)
        number = value.integer() if value is not None else None
        if isinstance(number, Unknown):
            return ports(name), plain(number)
        ends.append(number)
    low = 0 if ends[0] is None or ends[0] < 0 else ends[0]
    high = 65535 if ends[1] is None or ends[1] < 0 else ends[1]
    return ports(name, low, high), None


def addresses_of(
    here: RootIndex, value: Value | None
) -> tuple[Addresses, Unknown | None]:
    """The addresses of a range, following references: (all, why) for an unknown one.

    The range of a VPC or subnet of unknown size is private at least.
    """
    if value is None:
        return NO_ADDRESS, None
    text = here.text_of(value)
    if isinstance(text, str):
        found = network(text)
        if found is not None:
            return found, None
        return NO_ADDRESS, Unknown("error", "this is no address range", span=value.span)
    symbol = symbol_of(value)
    if symbol is not None and "cidr" in str(symbol.path[:1]):
        for one in here.resolve_all(symbol):
            if type_of(one).removeprefix("data.") in ("aws_vpc", "aws_subnet"):
                why = Unknown(
                    "data", f"the range of {one.address} is not known", span=value.span
                )
                return PRIVATE, why
    why = (
        plain(text)
        if isinstance(text, Unknown)
        else Unknown("error", "this is no address range", span=value.span)
    )
    return EVERY_ADDRESS, why


def _private() -> Addresses:
    found = NO_ADDRESS
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"):
        more = network(text)
        assert more is not None
        found = found.union(more)
    return found


#: What the address ranges of networks are made of (RFC 1918, RFC 6598).
PRIVATE = _private()
