"""What VPC firewall rules and network firewall policies let out, as filters.

Rules of a network are asked by priority, denials first among equals; what none matches
goes on to the network's firewall policies and is let out in the end (Cloud NGFW,
"Firewall policies", 2026-11). Does not model: policies of folders and organisations.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.addresses import (
    EVERY_ADDRESS,
    EVERY_PORT,
    NO_ADDRESS,
    NO_PORT,
    Addresses,
    Ports,
    is_internet,
    network,
    ports,
)
from mlsec_lint.estate.networks import Filter
from mlsec_lint.estate.policy import BASELINE, MAIN, Applied, Peer, Policy, Rule
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

FIREWALL = "google_compute_firewall"
_POLICY = "google_compute_network_firewall_policy"
_POLICY_RULES = (
    "google_compute_network_firewall_policy_rule",
    "google_compute_region_network_firewall_policy_rule",
)
_ASSOCIATIONS = (
    "google_compute_network_firewall_policy_association",
    "google_compute_region_network_firewall_policy_association",
)
_DEFAULT_PRIORITY = 1000
_PROTOCOLS = {"tcp": "TCP", "6": "TCP", "udp": "UDP", "17": "UDP", "sctp": "SCTP"}


#: SSH and RDP.
ADMIN = ports("TCP", 22, 22).union(ports("TCP", 3389, 3389))
Lines = tuple[tuple["Truth", "Span"], ...]


def plain(unknown: Unknown) -> Unknown:
    """An Unknown as the reason of a doubt."""
    return unknown._replace(possible=None, parts=(), symbol=None, bounds=None)


class Machine(NamedTuple):
    """What firewall rules choose machines by; `more`: why it may have other tags."""

    tags: frozenset[str]
    accounts: frozenset[str]
    more: Unknown | None = None


class Targeted(NamedTuple):
    """A rule with the tags and accounts that it is for; none of both: for all."""

    policy: Policy
    tags: frozenset[str]
    accounts: frozenset[str]
    unsure: Unknown | None

    def truth(self, machine: Machine) -> Truth:
        """Whether the rule is for a machine."""
        if not self.tags and not self.accounts:
            return True if self.unsure is None else self.unsure
        if self.tags & machine.tags or self.accounts & machine.accounts:
            return True
        if self.unsure is not None:
            return self.unsure
        if machine.more is not None:
            return machine.more
        gke = any(tag.startswith("gke-") for tag in self.tags)
        if gke and any(tag.startswith("gke-") for tag in machine.tags):
            return Unknown("unsupported", "tags that GKE gives its nodes are not known")
        return False


@dataclass(slots=True)
class Firewalls:
    """The rules for what goes out, of each network, each read once."""

    index: TerraformIndex
    here: RootIndex
    _rules: dict[int, tuple[Targeted, ...]] = field(default_factory=dict)
    _filters: dict[tuple[int, Machine], tuple[Filter, ...]] = field(
        default_factory=dict
    )

    _admin: dict[tuple[int, Machine], Lines] = field(default_factory=dict)

    def of(
        self, net: Resource | None, machine: Machine, span: Span
    ) -> tuple[Filter, ...]:
        """The filter of a network for machines of one sort."""
        if net is None:
            return ()
        key = (id(net), machine)
        found = self._filters.get(key)
        if found is None:
            applied = [
                Applied(one.policy, truth)
                for one in self.rules(net)
                if (truth := one.truth(machine)) is not False
            ]
            words = f"firewall of {net.address}"
            found = self._filters[key] = (
                (Filter(tuple(applied), words, span),) if applied else ()
            )
        return found

    def rules(self, net: Resource) -> tuple[Targeted, ...]:
        """Every rule of a network and of its policies for what goes out."""
        found = self._rules.get(id(net))
        if found is None:
            made = [
                one
                for rule in self.index.satellites(
                    self.here, net, FIREWALL, "network"
                ).found
                if (one := self._rule(rule)) is not None
            ]
            for kind in _ASSOCIATIONS:
                name = "attachment_target"
                for link in self.index.satellites(self.here, net, kind, name).found:
                    made += self._of_policy(link)
            found = self._rules[id(net)] = tuple(made)
        return found

    def admin(self, net: Resource | None, machine: Machine) -> Lines:
        """The lines by which anybody reaches machines of one sort to administer them."""
        if net is None:
            return ()
        key = (id(net), machine)
        found = self._admin.get(key)
        if found is None:
            rules = self.index.satellites(self.here, net, FIREWALL, "network").found
            lines = [line for rule in rules for line in self.opens(rule, machine)]
            found = self._admin[key] = tuple(dict.fromkeys(lines))
        return found

    def outward(self, rule: Resource) -> Policy | None:
        """What a rule says of what goes out, of whomever it is for; None: nothing."""
        made = self._rule(rule)
        return None if made is None else made.policy

    def opens(
        self, rule: Resource, machine: Machine | None = None
    ) -> Iterator[tuple[Truth, Span]]:
        """The lines of a rule by which anybody reaches a machine, or whom it is for."""
        here = self.here
        off = given(rule.values, "disabled")
        direction = here.text_of(given(rule.values, "direction"))
        if direction == "EGRESS" or (off is not None and off.boolean() is True):
            return
        allowed = blocks(rule.values, "allow")
        which, doubt = _ports(here, allowed, "protocol", "ports")
        if not allowed or not which.intersect(ADMIN):
            return
        ranges = given(rule.values, "source_ranges")
        others = ("source_tags", "source_service_accounts")
        if ranges is None and any(given(rule.values, one) for one in others):
            return
        where, unsure = (
            (EVERY_ADDRESS, None)
            if ranges is None
            else _addresses(here, ranges, values_at(rule.values, "source_ranges"))
        )
        made = Rule("allow", Peer(where), which, rule.span)
        truth: Truth = True
        if machine is not None:
            truth = self._targeted(rule, made, 0.0, MAIN).truth(machine)
        if truth is False or not is_internet(where):
            return
        for one in (doubt, unsure):
            truth = one if truth is True and one is not None else truth
        if truth is True and rule.repeat_unknown:
            why = f"whether {rule.address} exists is not known"
            truth = Unknown("variable", why, span=rule.span)
        yield truth, span_of(ranges, rule) if ranges is not None else rule.span

    def _rule(self, rule: Resource) -> Targeted | None:
        here = self.here
        direction = here.text_of(given(rule.values, "direction"))
        if direction is None or direction == "INGRESS":
            return None
        off = given(rule.values, "disabled")
        if off is not None and off.boolean() is True:
            return None
        doubt = plain(direction) if isinstance(direction, Unknown) else None
        if doubt is None and off is not None and off.unknown is not None:
            doubt = plain(off.unknown)
        if doubt is None and rule.repeat_unknown:
            why = f"whether {rule.address} exists is not known"
            doubt = Unknown("variable", why, span=rule.span)
        denied = blocks(rule.values, "deny")
        listed = denied or blocks(rule.values, "allow")
        which, unsure = _ports(here, listed, "protocol", "ports")
        ranges = given(rule.values, "destination_ranges")
        where, outside = (
            (EVERY_ADDRESS, None)
            if ranges is None or ranges.data == ()
            else _addresses(here, ranges, values_at(rule.values, "destination_ranges"))
        )
        for one in (unsure, outside):
            doubt = one if doubt is None else doubt
        span = span_of(ranges, rule) if ranges is not None else rule.span
        verdict = "deny" if denied else "allow"
        made = Rule(verdict, Peer(where), which, span, doubt)
        order = float(_priority(given(rule.values, "priority")))
        return self._targeted(rule, made, order + (0.0 if denied else 0.5), MAIN)

    def _targeted(
        self, rule: Resource, made: Rule, order: float, layer: int
    ) -> Targeted:
        here = self.here
        policy = Policy(
            rule.address,
            here.address(rule),
            rule.span,
            layer,
            (made,),
            order,
            isolates=False,
        )
        tags: set[str] = set()
        accounts: set[str] = set()
        unsure: Unknown | None = None
        for name, into in (
            ("target_tags", tags),
            ("target_service_accounts", accounts),
        ):
            value = given(rule.values, name)
            values = values_at(rule.values, name)
            if value is not None and value.unknown is not None:
                values = [value]
            for one in values:
                text = here.text_of(one)
                label = text if isinstance(text, str) else _symbol(one)
                if label:
                    into.add(label)
                elif isinstance(text, Unknown):
                    unsure = plain(text)
        secure = given(rule.values, "target_secure_tags")
        if secure is not None and secure.data != ():
            unsure = Unknown(
                "unsupported", "which machines carry a secure tag is not followed"
            )
        return Targeted(policy, frozenset(tags), frozenset(accounts), unsure)

    def _of_policy(self, link: Resource) -> list[Targeted]:
        """The rules of a firewall policy that is associated with the network."""
        here = self.here
        named = given(link.values, "firewall_policy")
        kinds = (_POLICY, "google_compute_region_network_firewall_policy")
        found = []
        for policy in here.parents(named, kinds):
            for kind in _POLICY_RULES:
                joined = self.index.satellites(here, policy, kind, "firewall_policy")
                for rule in joined.found:
                    made = self._policy_rule(rule)
                    if made is not None:
                        found.append(made)
        return found

    def _policy_rule(self, rule: Resource) -> Targeted | None:
        here = self.here
        direction = here.text_of(given(rule.values, "direction"))
        if direction == "INGRESS":
            return None
        off = given(rule.values, "disabled")
        if off is not None and off.boolean() is True:
            return None
        doubt = plain(direction) if isinstance(direction, Unknown) else None
        match = given(rule.values, "match")
        body = match.elements()[0] if match is not None and match.elements() else match
        which, unsure = _ports(
            here, blocks(body, "layer4_configs"), "ip_protocol", "ports"
        )
        ranges = given(body, "dest_ip_ranges")
        names = values_at(body, "dest_fqdns") if body is not None else []
        hosts = tuple(t for v in names if isinstance(t := here.text_of(v), str))
        narrowed = bool(hosts) or any(
            given(body, name) is not None
            for name in (
                "dest_region_codes",
                "dest_threat_intelligences",
                "dest_address_groups",
                "dest_network_scope",
            )
        )
        where, outside = NO_ADDRESS if narrowed else EVERY_ADDRESS, None
        if ranges is not None and body is not None and ranges.data != ():
            where, outside = _addresses(here, ranges, values_at(body, "dest_ip_ranges"))
        if narrowed and not hosts and not where:
            where = EVERY_ADDRESS
            outside = Unknown(
                "unsupported", "regions, lists and groups of addresses are not followed"
            )
        for one in (unsure, outside):
            doubt = one if doubt is None else doubt
        action = here.text_of(given(rule.values, "action"))
        verdict = {"deny": "deny", "goto_next": "pass"}.get(str(action), "allow")
        if isinstance(action, Unknown) and doubt is None:
            doubt = plain(action)
        span = span_of(ranges, rule) if ranges is not None else rule.span
        made = Rule(verdict, Peer(where, hosts=hosts), which, span, doubt)
        order = float(_priority(given(rule.values, "priority")))
        return self._targeted(rule, made, order, BASELINE)


def _symbol(value: Value) -> str:
    symbol = value.symbol
    if symbol is None and value.unknown is not None:
        symbol = value.unknown.symbol
    return symbol.address if symbol is not None else ""


def _priority(value: Value | None) -> int:
    number = value.integer() if value is not None else None
    return number if isinstance(number, int) else _DEFAULT_PRIORITY


def _ports(
    here: RootIndex, listed: Iterable[Value], protocol: str, name: str
) -> tuple[Ports, Unknown | None]:
    """The ports of `allow`, `deny` or `layer4_configs` blocks together."""
    found, doubt = NO_PORT, None
    for block in listed:
        if block.unknown is not None:
            return EVERY_PORT, plain(block.unknown)
        word = here.text_of(given(block, protocol))
        if isinstance(word, Unknown):
            return EVERY_PORT, plain(word)
        word = (word or "all").lower()
        if word == "all":
            found = EVERY_PORT
            continue
        kind = _PROTOCOLS.get(word, "OTHER")
        value = given(block, name)
        if kind == "OTHER" or value is None or value.data == ():
            found = found.union(ports(kind))
            continue
        if value.unknown is not None:
            found, doubt = found.union(ports(kind)), plain(value.unknown)
            continue
        for one in value.elements():
            text = here.text_of(one)
            low, _, high = str(text).partition("-")
            if isinstance(text, Unknown) or not low.isdigit():
                found = found.union(ports(kind))
                doubt = plain(text) if isinstance(text, Unknown) else doubt
            else:
                last = int(high) if high.isdigit() else int(low)
                found = found.union(ports(kind, int(low), last))
    return found, doubt


def _addresses(
    here: RootIndex, listed: Value, values: Iterable[Value]
) -> tuple[Addresses, Unknown | None]:
    if listed.unknown is not None:
        return EVERY_ADDRESS, plain(listed.unknown)
    found, doubt = NO_ADDRESS, None
    for value in values:
        text = here.text_of(value)
        if isinstance(text, str):
            more = network(text)
            if more is not None:
                found = found.union(more)
                continue
            doubt = Unknown("error", "this is no address range", span=value.span)
        else:
            found = EVERY_ADDRESS
            doubt = plain(text) if isinstance(text, Unknown) else doubt
    return found, doubt
