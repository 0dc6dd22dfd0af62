"""Subnets that another root of the scan hands out by its state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.network.groups import Groups
from mlsec_lint.lower.aws.network.subnets import SUBNETS, Subnets
from mlsec_lint.lower.remote_state import behind

if TYPE_CHECKING:
    from mlsec_lint.estate.networks import Filter
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value


def subnet_abroad(subnets: Subnets, value: Value) -> tuple[RootIndex, Resource] | None:
    """The subnet that a reference to another root's state means, with that root."""
    found = behind(subnets.groups.index, subnets.here, value)
    if found is None:
        return None
    home, output = found
    named = home.parents(output, SUBNETS)
    return (home, named[0]) if len(named) == 1 else None


def default_filters(
    subnets: Subnets, home: RootIndex, subnet: Resource, owner: Resource
) -> tuple[Filter, ...]:
    """The rules of the default group of the network that a subnet of a root is in."""
    theirs = Subnets(subnets.estate, home, Groups(subnets.groups.index, home))
    made = theirs.groups.default(theirs.vpc_of(subnet), owner)
    return () if made is None else (made,)
