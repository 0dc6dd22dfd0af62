"""AWS Network Firewall as a filter of host names.

An ALLOWLIST of domains drops HTTP and TLS to every other name; other protocols pass,
unless the policy is of strict order and drops by default (AWS Network Firewall guide,
"Stateful domain list rule groups", 2026-11). Suricata rules of one's own are not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.addresses import EVERY_PORT
from mlsec_lint.estate.networks import Filter
from mlsec_lint.estate.policy import EVERYWHERE, MAIN, Applied, Peer, Policy, Rule
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

FIREWALL = "aws_networkfirewall_firewall"
_POLICY = "aws_networkfirewall_firewall_policy"
_GROUP = "aws_networkfirewall_rule_group"


def firewall_filter(here: RootIndex, firewall: Resource) -> tuple[Filter, ...]:
    """What a firewall lets through."""
    named = given(firewall.values, "firewall_policy_arn")
    found = here.parents(named, (_POLICY,))
    words = f"firewall {firewall.address}"
    if len(found) != 1:
        return (_unclear(words, firewall, "the policy of the firewall"),)
    policy = found[0]
    body = given(policy.values, "firewall_policy")
    if body is None or body.unknown is not None:
        return (_unclear(words, firewall, "the policy of the firewall"),)
    rules: list[Rule] = []
    lists = False
    for reference in blocks(body, "stateful_rule_group_reference"):
        arn = given(reference, "resource_arn")
        for group in here.parents(arn, (_GROUP,)):
            made, is_list = _group(here, group)
            rules += made
            lists = lists or is_list
        if not here.parents(arn, (_GROUP,)):
            rules.append(_perhaps(policy, "a rule group"))
    if not rules and not lists:
        dropped = _drops(here, body)
        isolates = dropped
    else:
        isolates = _isolates(here, body, lists=lists)
    made_policy = Policy(
        firewall.address,
        here.address(firewall),
        firewall.span,
        MAIN,
        tuple(rules),
        isolates=isolates,
    )
    return (Filter((Applied(made_policy, truth=True),), words, firewall.span),)


def _isolates(here: RootIndex, body: Value, *, lists: bool) -> bool | Unknown:
    """Whether what no rule allows is dropped."""
    dropped = _drops(here, body)
    if dropped is False and lists:
        return Unknown(
            "unsupported",
            "a list of domains drops HTTP and TLS of other names; other protocols pass, "
            "as the firewall's policy does not drop by default",
            span=body.span,
        )
    return dropped


def _drops(here: RootIndex, body: Value) -> bool | Unknown:
    actions = [here.text_of(v) for v in values_at(body, "stateful_default_actions")]
    for action in actions:
        if isinstance(action, Unknown):
            return action._replace(possible=None, parts=())
        if action is not None and action.startswith("aws:drop"):
            return True
    return False


def _group(here: RootIndex, group: Resource) -> tuple[list[Rule], bool]:
    """The rules of a group, and whether it is an allow-list of domains."""
    source = given(group.values, "rule_group", "rules_source")
    if source is None or source.unknown is not None:
        return [_perhaps(group, group.address)], False
    found: list[Rule] = []
    allows = False
    for listed in blocks(source, "rules_source_list"):
        sort = here.text_of(given(listed, "generated_rules_type"))
        if sort == "ALLOWLIST":
            allows = True
            found += _targets(here, group, listed)
        elif sort == "DENYLIST":
            found.append(Rule("allow", EVERYWHERE, EVERY_PORT, group.span))
        else:
            found.append(_perhaps(group, group.address))
    for name in ("rules_string", "stateful_rule"):
        if given(source, name) is not None:
            found.append(_perhaps(group, f"the rules of {group.address}"))
    return found, allows


def _targets(here: RootIndex, group: Resource, listed: Value) -> Iterator[Rule]:
    values = values_at(listed, "targets")
    said = given(listed, "targets")
    if said is not None and said.unknown is not None:
        values = [said]
    for value in values:
        text = here.text_of(value)
        span = span_of(value, group)
        if isinstance(text, str):
            host = f"*{text}" if text.startswith(".") else text
            yield Rule(
                "allow", Peer(hosts=(host,)), EVERY_PORT, span, None, value.trail
            )
        else:
            yield _perhaps(group, f"a target of {group.address}")


def _perhaps(owner: Resource, words: str) -> Rule:
    why = Unknown("unsupported", f"what {words} lets through is not known")
    return Rule("allow", Peer(everywhere=True, unknown=why), EVERY_PORT, owner.span)


def _unclear(words: str, owner: Resource, what: str) -> Filter:
    policy = Policy(
        owner.address, owner.address, owner.span, MAIN, (_perhaps(owner, what),)
    )
    return Filter((Applied(policy, truth=True),), words, owner.span)
