"""What weights are handled together with: the cloud they lie in, and ties to others.

Runs after the weights are traced. A cloud is a matter of weights where a thing of it
holds them; a tie where what leads to it handles them, or where its Terraform root does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import STRENGTHS
from mlsec_lint.estate.places import legal_home
from mlsec_lint.trace.weights import strongest
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.trace.settings import Settings

_HOLDERS = ("store", "workload")


def trace_together(estate: Estate, settings: Settings) -> None:
    """State `weights.held` of clouds and ties, by the strongest evidence beside them."""
    del settings
    by_cloud: dict[str, Thing] = {}
    by_root: dict[str, Thing] = {}
    homes: dict[str, Thing] = {}
    for kind in _HOLDERS:
        for thing in estate.of(kind):
            if not thing.evidence:
                continue
            _keep(by_cloud, thing.provider, thing)
            _keep(by_root, thing.root, thing)
            for home in _homes(thing):
                _keep(homes, home, thing)
    for cloud in estate.of("cloud"):
        holder = by_cloud.get(cloud.provider)
        if holder is not None:
            _held_by(cloud, holder)
    for tie in estate.of("tie"):
        holder = _leading(estate, tie) or _beside(tie, by_root)
        if holder is not None:
            _held_by(tie, holder)
        _mixed(tie, homes)


def _keep(best: dict[str, Thing], key: str, thing: Thing) -> None:
    if _stronger(thing, best.get(key)):
        best[key] = thing


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


def _leading(estate: Estate, tie: Thing) -> Thing | None:
    """What leads to a tie and handles weights; for an upload, who sends by it."""
    best: dict[str, Thing] = {}
    for edge in estate.edges_to(tie, "leads to"):
        sources = [edge.source]
        if edge.source.kind == "upload":
            sources = [e.source for e in estate.edges_to(edge.source, "sends")]
        for source in sources:
            if source.evidence:
                _keep(best, "", source)
    return best.get("")


def _beside(tie: Thing, by_root: dict[str, Thing]) -> Thing | None:
    """What holds weights in the Terraform root of a tie."""
    return by_root.get(tie.root) if tie.provider == "terraform" else None


def _mixed(tie: Thing, homes: dict[str, Thing]) -> None:
    """Whether weights lie outside of the sovereign part that a tie leads to."""
    part = tie.fact("partition")
    if part is None:
        return
    mixed: bool | Unknown = any(home not in ("", part.value) for home in homes)
    if mixed is False and (not homes or "" in homes):
        unplaced = homes.get("", tie)
        why = "where the weights lie is not known"
        mixed = Unknown("resource", why, unplaced.address, span=unplaced.span)
    tie.state("partition.mixed", mixed, part.span, trail=part.trail)


def _stronger(thing: Thing, than: Thing | None) -> bool:
    if than is None:
        return True
    return STRENGTHS.index(strongest(thing)) < STRENGTHS.index(strongest(than))


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
