"""On which groups of nodes of a cluster a pod can be put.

A pod with a node selector runs on machines that have all of its labels. Every machine
of a group has the labels that its config states, and the name of its group as a label of
the provider; it may have others, of which config says nothing (zone, size, devices).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Thing

#: The value of a label of which only the key is known.
ANY = "*"


def choice_of(workload: Thing) -> str:
    """What narrows the groups that a pod can be on, as one text; "" for nothing."""
    chosen = workload.fact("nodes.chosen")
    text = chosen.value if chosen is not None and isinstance(chosen.value, str) else ""
    wanted = workload.fact("accelerator")
    asks = wanted is not None and wanted.value is True
    return f"{'accelerator; ' if asks else ''}{text}"


def fitting(choice: str, groups: list[Thing]) -> list[Thing]:
    """The groups that a choice leaves, in order; all where it leaves none.

    A group goes where one of its labels has another value, or where it lacks a label by
    which config tells other groups of the cluster apart; and one without accelerators
    where the pod asks for some and other groups have them.
    """
    found = groups
    if choice.startswith("accelerator; "):
        choice = choice.removeprefix("accelerator; ")
        found = _with_accelerators(found)
    wanted = dict(pair.partition("=")[::2] for pair in choice.split(", ") if pair)
    if wanted:
        labels = [_labels(group) for group in found]
        keys = {key for one in labels if one is not None for key in one}
        pairs = zip(found, labels, strict=True)
        left = [group for group, own in pairs if _fits(wanted, own, keys)]
        found = left or found
    return found


def _with_accelerators(groups: list[Thing]) -> list[Thing]:
    facts = [group.fact("accelerator") for group in groups]
    if not any(fact is not None and fact.value is True for fact in facts):
        return groups
    pairs = zip(groups, facts, strict=True)
    return [g for g, fact in pairs if fact is None or fact.value is not False]


def _labels(group: Thing) -> dict[str, str] | None:
    """The labels of a group's machines; None where they are not known."""
    fact = group.fact("nodes.labels")
    if fact is None or isinstance(fact.value, Unknown):
        return None
    assert isinstance(fact.value, tuple)
    return dict(pair.partition("=")[::2] for pair in fact.value)


def _fits(wanted: dict[str, str], own: dict[str, str] | None, keys: set[str]) -> bool:
    if own is None:
        return True
    return all(
        own.get(key, value if key not in keys else "") in (value, ANY)
        for key, value in wanted.items()
    )
