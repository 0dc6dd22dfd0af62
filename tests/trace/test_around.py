"""Clusters, networks and clouds matter for the weights that lie or run in them."""

from __future__ import annotations

from test_access import Made

from mlsec_lint.trace.around import trace_around
from mlsec_lint.trace.settings import Settings


def handles(made: Made, name: str, strength: str = "referenced"):
    workload = made.thing("workload", name, weights__held=True)
    workload.holds_weights(strength, "it trains", workload.span)
    return workload


def held(thing) -> object:
    fact = thing.fact("weights.held")
    return None if fact is None else fact.value


def test_weights_are_passed_outwards_to_all_that_is_around() -> None:
    made = Made()
    job, eks = handles(made, "job"), made.thing("cluster", "eks")
    subnet, vpc = made.thing("network", "subnet"), made.thing("network", "vpc")
    other = made.thing("network", "other")
    made.link(job, "runs on", eks)
    made.link(eks, "lies in", subnet)
    made.link(subnet, "lies in", vpc)
    trace_around(made.estate, Settings())
    assert [held(thing) for thing in (eks, subnet, vpc, other)] == [
        True, True, True, None,
    ]  # fmt: skip
    assert vpc.facts["weights.evidence"].value == "referenced"
    assert "subnet" in vpc.evidence[0].words


def test_a_name_stays_the_weak_evidence_that_it_is_and_doubt_passes_nothing() -> None:
    made = Made()
    vm, subnet = handles(made, "vm", "named"), made.thing("network", "subnet")
    perhaps = made.thing("network", "perhaps")
    made.link(vm, "lies in", subnet)
    made.link(vm, "lies in", perhaps, why="which subnet is not known")
    trace_around(made.estate, Settings())
    assert subnet.facts["weights.evidence"].value == "named"
    assert held(perhaps) is not True


def test_the_better_evidence_wins_and_cycles_end() -> None:
    made = Made()
    weak, strong = handles(made, "vm", "named"), handles(made, "job", "declared")
    one, two = made.thing("network", "one"), made.thing("network", "two")
    made.link(weak, "lies in", one)
    made.link(strong, "lies in", one)
    made.link(one, "lies in", two)
    made.link(two, "lies in", one)
    trace_around(made.estate, Settings())
    assert [t.facts["weights.evidence"].value for t in (one, two)] == ["referenced"] * 2


def test_everything_is_around_weights_where_the_user_says_so() -> None:
    made = Made()
    vpc = made.thing("network", "vpc")
    trace_around(made.estate, Settings("all"))
    assert vpc.facts["weights.evidence"].value == "assumed"
