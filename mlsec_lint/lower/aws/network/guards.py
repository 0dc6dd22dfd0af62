"""Security groups, subnets and templates of AWS by themselves, whoever lies behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.networks import Filter, Guard
from mlsec_lint.estate.policy import MAIN, Policy
from mlsec_lint.lower.aws.network.admin import lines_of_group, lines_of_rule
from mlsec_lint.lower.aws.network.groups import (
    DEFAULT_GROUP,
    GROUP,
    applies,
    plain,
)
from mlsec_lint.lower.aws.network.places import remote_access
from mlsec_lint.lower.clusters.machines import asks_for_tokens
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.aws.network.groups import Groups
    from mlsec_lint.lower.aws.network.subnets import Subnets
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource

#: Rules of a kind of their own, and whether they are for what comes in, goes out.
_RULES = {
    "aws_security_group_rule": (True, True),
    "aws_vpc_security_group_ingress_rule": (True, False),
    "aws_vpc_security_group_egress_rule": (False, True),
}
_PARENT = "security_group_id"
_TEMPLATES = ("aws_launch_configuration", "aws_launch_template")
#: Arguments that give public addresses to whatever is started by them.
_PUBLIC = {
    "aws_subnet": "map_public_ip_on_launch",
    "aws_launch_configuration": "associate_public_ip_address",
    "aws_launch_template": "network_interfaces.associate_public_ip_address",
    "aws_ecs_service": "network_configuration.assign_public_ip",
}


def add_guards(subnets: Subnets) -> None:
    """Keep every group of a root, its rules for groups elsewhere, and open subnets."""
    groups, guards = subnets.groups, subnets.estate.networks.guards
    here = groups.here
    for group in here.of(GROUP, DEFAULT_GROUP):
        policy = groups.policy(group)
        one = Filter((applies(policy),), f"security group {policy.name}", group.span)
        thing = thing_of(here, group, "network", "aws")
        guards.append(Guard(thing, lines_of_group(groups, group), (one,)))
    for rule in here.of(*_RULES):
        if not here.parents(given(rule.values, _PARENT), (GROUP, DEFAULT_GROUP)):
            guards.append(_alone(groups, rule))
    for nodes in here.of("aws_eks_node_group"):
        admin = tuple(remote_access(nodes))
        if admin:
            thing = thing_of(here, nodes, "network", "aws")
            guards.append(Guard(thing, admin))
    for owner in here.of(*_PUBLIC):
        found = [*_public(owner)]
        if owner.type in _TEMPLATES:
            found += _metadata(owner)
        if found:
            thing = thing_of(here, owner, "network", "aws")
            guards.append(Guard(thing, also=tuple(found)))


def _metadata(template: Resource) -> Iterator[tuple[str, Truth, Span]]:
    """Whether machines that are started by it ask for tokens (IMDSv2)."""
    fact = asks_for_tokens(template)
    if isinstance(fact.value, (bool, Unknown)) and fact.span is not None:
        told = plain(fact.value) if isinstance(fact.value, Unknown) else fact.value
        yield "metadata.guarded", told, fact.span


def _public(owner: Resource) -> Iterator[tuple[str, Truth, Span]]:
    for value in values_at(owner.values, _PUBLIC[owner.type]):
        truth = value.boolean()
        if truth is not None and truth is not False:
            told = plain(truth) if isinstance(truth, Unknown) else truth
            yield "address.public", told, span_of(value, owner)


def _alone(groups: Groups, rule: Resource) -> Guard:
    """A rule of a group that is not in the scan."""
    here = groups.here
    comes_in, goes_out = _RULES[rule.type]
    sort = given(rule.values, "type")
    if sort is not None and isinstance(sort.data, str):
        comes_in, goes_out = sort.data == "ingress", sort.data == "egress"
    thing = thing_of(here, rule, "network", "aws")
    admin = tuple(lines_of_rule(groups, rule, rule.values)) if comes_in else ()
    if not goes_out:
        return Guard(thing, admin)
    rules = tuple(groups.rules(rule, rule.values))
    policy = Policy(thing.name, thing.address, rule.span, MAIN, rules)
    return Guard(thing, admin, (Filter((applies(policy),), thing.name, rule.span),))
