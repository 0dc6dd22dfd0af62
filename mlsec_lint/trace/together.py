"""What weights are handled together with: the cloud they lie in, and ties to others.

Runs after the weights are traced. A cloud is a matter of weights where a thing of it
holds them; a tie where what leads to it handles them, or where its Terraform root does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import STRENGTHS
from mlsec_lint.estate.places import legal_home
from mlsec_lint.trace.weights import strongest
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.trace.settings import Settings

_HOLDERS = ("store", "workload")


class _Holder(NamedTuple):
    """What holds weights, and how strong the evidence is: 0 is the strongest."""

    thing: Thing
    rank: int


def trace_together(estate: Estate, settings: Settings) -> None:
    """State `weights.held` of clouds and ties, by the strongest evidence beside them."""
    del settings
    by_cloud: dict[str, _Holder] = {}
    by_root: dict[str, _Holder] = {}
    homes: dict[str, _Holder] = {}
    for kind in _HOLDERS:
        for thing in estate.of(kind):
            if not thing.evidence:
                continue
            holder = _holder(thing)
            _keep(by_cloud, thing.provider, holder)
            _keep(by_root, thing.root, holder)
            for home in _homes(thing):
                _keep(homes, home, holder)
    for cloud in estate.of("cloud"):
        beside = by_cloud.get(cloud.provider)
        if beside is not None:
            _held_by(cloud, beside.thing)
    for tie in estate.of("tie"):
        beside = _leading(estate, tie) or _beside(tie, by_root)
        if beside is not None:
            _held_by(tie, beside.thing)
        _mixed(tie, homes)


def _keep(best: dict[str, _Holder], key: str, holder: _Holder) -> None:
    known = best.get(key)
    if known is None or holder.rank < known.rank:
        best[key] = holder


def _holder(thing: Thing) -> _Holder:
    return _Holder(thing, STRENGTHS.index(strongest(thing)))


def _homes(thing: Thing) -> list[str]:
    """The parts of clouds that a thing lies in; "" for one that is not known."""
    found = []
    providers = thing.all_facts("place.provider")
    for number, fact in enumerate(thing.all_facts("place.region")):
        if isinstance(fact.value, str) and providers:
            owner = providers[min(number, len(providers) - 1)].value
            found.append(legal_home(str(owner), fact.value))
        else:
            found.append("")
    return found


def _leading(estate: Estate, tie: Thing) -> _Holder | None:
    """What leads to a tie and handles weights; for an upload, who sends by it."""
    best: dict[str, _Holder] = {}
    for edge in estate.edges_to(tie, "leads to"):
        sources = [edge.source]
        if edge.source.kind == "upload":
            sources = [e.source for e in estate.edges_to(edge.source, "sends")]
        for source in sources:
            if source.evidence:
                _keep(best, "", _holder(source))
    return best.get("")


def _beside(tie: Thing, by_root: dict[str, _Holder]) -> _Holder | None:
    """What holds weights in the Terraform root of a tie."""
    return by_root.get(tie.root) if tie.provider == "terraform" else None


def _mixed(tie: Thing, homes: dict[str, _Holder]) -> None:
    """Whether weights lie outside of the sovereign part that a tie leads to."""
    part = tie.fact("partition")
    if part is None:
        return
    mixed: bool | Unknown = any(home not in ("", part.value) for home in homes)
    if mixed is False and (not homes or "" in homes):
        unplaced = homes[""].thing if "" in homes else tie
        why = "where the weights lie is not known"
        mixed = Unknown("resource", why, unplaced.address, span=unplaced.span)
    tie.state("partition.mixed", mixed, part.span, trail=part.trail)


def _held_by(thing: Thing, holder: Thing) -> None:
    """The thing is a matter of weights because the holder holds them."""
    strength = strongest(holder)
    passed = strength if strength in ("named", "assumed") else "referenced"
    span = holder.evidence[0].span
    thing.holds_weights(
        passed, f"{holder.name}, which holds weights, goes with it", span
    )
    thing.state("weights.held", value=True, span=span)
    thing.state("weights.evidence", passed, span)
