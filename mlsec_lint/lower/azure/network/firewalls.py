"""Azure Firewall as a filter: what its rules let through, by name or by address.

What no rule allows is refused. Network rules are asked before application rules;
application rules hold for HTTP, HTTPS and SQL only (learn.microsoft.com, "Azure
Firewall rule processing logic", read 2026-11). Categories of websites are not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.addresses import EVERY_PORT, Addresses, Ports, ports
from mlsec_lint.estate.networks import Filter
from mlsec_lint.estate.policy import MAIN, Applied, Peer, Policy, Rule
from mlsec_lint.lower.azure.network.ranges import peer_of, plain, ports_at
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.lower.unsure import may_be_any
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

FIREWALL = "azurerm_firewall"
_POLICY = "azurerm_firewall_policy"
_RULES = "azurerm_firewall_policy_rule_collection_group"
_CLASSIC = (
    ("azurerm_firewall_network_rule_collection", "network"),
    ("azurerm_firewall_application_rule_collection", "application"),
)
_WEB = ports("TCP", 80, 80).union(ports("TCP", 443, 443))
#: A network rule comes before all application rules.
_APPLICATION = 1.0e9


def firewall_filter(
    index: TerraformIndex, here: RootIndex, firewall: Resource, source: Addresses
) -> Filter:
    """What a firewall lets through from a source address."""
    numbered: list[tuple[float, Rule]] = []
    named = given(firewall.values, "firewall_policy_id")
    if named is not None:
        numbered += _of_policy(index, here, firewall, named, source)
    for kind, sort in _CLASSIC:
        joined = index.satellites(here, firewall, kind, "azure_firewall_name")
        for owner in joined.found:
            numbered += _collection(here, owner, owner.values, sort, source, 0.0)
    numbered.sort(key=lambda one: one[0])
    policy = Policy(
        firewall.address.removeprefix(f"{firewall.module}."),
        here.address(firewall),
        firewall.span,
        MAIN,
        tuple(rule for _, rule in numbered),
    )
    words = f"firewall {policy.name}"
    return Filter((Applied(policy, truth=True),), words, firewall.span)


def _of_policy(
    index: TerraformIndex,
    here: RootIndex,
    firewall: Resource,
    named: Value,
    source: Addresses,
) -> Iterator[tuple[float, Rule]]:
    found = here.parents(named, (_POLICY,))
    if len(found) != 1:
        yield 0.0, _perhaps(firewall, named, "the policy of the firewall")
        return
    base = given(found[0].values, "base_policy_id")
    if base is not None and not here.parents(base, (_POLICY,)):
        yield 0.0, _perhaps(found[0], base, "the base policy of the firewall")
    policies = [*found, *here.parents(base, (_POLICY,))]
    for policy in policies:
        joined = index.satellites(here, policy, _RULES, "firewall_policy_id")
        for group in joined.open:
            of = given(group.values, "firewall_policy_id")
            if of is not None and may_be_any(here, of):
                yield 0.0, _perhaps(group, of, "a group of rules")
        for group in joined.found:
            order = _number(given(group.values, "priority"))
            for sort in ("network", "application"):
                name = f"{sort}_rule_collection"
                for block in blocks(group.values, name):
                    yield from _collection(here, group, block, sort, source, order)


def _number(value: Value | None) -> float:
    number = value.integer() if value is not None else None
    return float(number) if isinstance(number, int) else 0.0


def _collection(
    here: RootIndex,
    owner: Resource,
    values: Value,
    sort: str,
    source: Addresses,
    group: float,
) -> Iterator[tuple[float, Rule]]:
    if values.unknown is not None:
        yield 0.0, _perhaps(owner, values, "a collection of rules")
        return
    said = here.text_of(given(values, "action"))
    doubt = plain(said) if isinstance(said, Unknown) else None
    verdict = "deny" if isinstance(said, str) and said.lower() == "deny" else "allow"
    order = group * 1.0e5 + _number(given(values, "priority"))
    order += _APPLICATION if sort == "application" else 0.0
    for block in blocks(values, "rule"):
        if block.unknown is not None:
            yield order, _perhaps(owner, block, "a rule")
        elif _speaks_of(here, block, source):
            which, unsure = _ports(here, block, sort)
            why = unsure if doubt is None else doubt
            for value, peer in _peers(here, block, sort):
                span = span_of(value, owner)
                yield order, Rule(verdict, peer, which, span, why, value.trail)


def _speaks_of(here: RootIndex, block: Value, source: Addresses) -> bool:
    """Whether a rule may be about what comes from a source."""
    listed = values_at(block, "source_addresses")
    if not listed or not source or given(block, "source_ip_groups") is not None:
        return True
    for value in listed:
        peer = peer_of(here.text_of(value))
        if peer.everywhere or peer.unknown is not None or not peer.addresses:
            return True
        if source.intersect(peer.addresses):
            return True
    return False


def _ports(here: RootIndex, block: Value, sort: str) -> tuple[Ports, Unknown | None]:
    if sort == "application":
        together, doubt = None, None
        for protocol in (*blocks(block, "protocols"), *blocks(block, "protocol")):
            port = given(protocol, "port")
            found, unsure = ports_at(here, None, [port] if port is not None else [])
            together = found if together is None else together.union(found)
            doubt = unsure if doubt is None else doubt
        only = Ports(tcp=together.tcp) if together is not None else _WEB
        return only, doubt
    listed = values_at(block, "destination_ports")
    together, doubt = None, None
    for protocol in values_at(block, "protocols"):
        found, unsure = ports_at(here, protocol, listed)
        together = found if together is None else together.union(found)
        doubt = unsure if doubt is None else doubt
    return (EVERY_PORT if together is None else together), doubt


def _peers(here: RootIndex, block: Value, sort: str) -> Iterator[tuple[Value, Peer]]:
    """Each destination of a rule, with the value that names it."""
    for name in ("destination_fqdns", "target_fqdns"):
        for value in values_at(block, name):
            yield value, _host(here.text_of(value))
    for value in values_at(block, "destination_urls"):
        text = here.text_of(value)
        host = text.partition("/")[0] if isinstance(text, str) else text
        yield value, _host(host)
    for name in ("destination_fqdn_tags", "fqdn_tags"):
        for value in values_at(block, name):
            text = here.text_of(value)
            host = f"{text}.tag.azure" if isinstance(text, str) else text
            yield value, _host(host)
    for value in values_at(block, "web_categories"):
        why = Unknown("unsupported", "which sites are of a category is not known")
        yield value, Peer(everywhere=True, unknown=why)
    if sort == "network":
        for value in values_at(block, "destination_addresses"):
            yield value, peer_of(here.text_of(value))
        for value in values_at(block, "destination_ip_groups"):
            why = Unknown("resource", "the addresses of an IP group are not followed")
            yield value, Peer(everywhere=True, unknown=why)


def _host(text: str | Unknown | None) -> Peer:
    if isinstance(text, Unknown):
        return Peer(everywhere=True, unknown=plain(text))
    word = (text or "").strip().lower()
    return Peer(everywhere=True) if word == "*" else Peer(hosts=(word,))


def _perhaps(owner: Resource, value: Value, what: str) -> Rule:
    span = span_of(value, owner)
    why = Unknown("resource", f"what {what} lets through is not in the scan", span=span)
    return Rule("allow", Peer(everywhere=True, unknown=why), EVERY_PORT, span)
