"""What a finding says: the rule's words with the facts put in. Decides nothing.

Secret values are never put in; unknown ones say why they are unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex
from mlsec_lint.rules.truth import Truth
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Mapping

    from mlsec_lint.estate import Fact, FactValue, Thing
    from mlsec_lint.rules.grammar import Rule
    from mlsec_lint.rules.truth import Outcome

MOST_CHARACTERS = 160
_PLACE = regex(r"\{([^{}.]+)(?:\.([^{}]+))?\}")


def shown(value: FactValue) -> str:
    """A value for people, cut to a bounded length."""
    if isinstance(value, Unknown):
        return f"(not known: {_cut(value.why)})"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int):
        return _cut(str(value))
    return _cut(", ".join(value)) or "(none)"


def shown_fact(stated: Fact | None, bad: tuple[FactValue, ...] = ()) -> str:
    """A fact's value for people; the violating ones where some of several violate."""
    if stated is None:
        return "(not stated)"
    if stated.sensitive:
        return "(secret)"
    if bad and isinstance(stated.value, Unknown):
        return " or ".join(dict.fromkeys(shown(value) for value in bad))
    return shown(stated.value)


def _cut(text: str) -> str:
    if len(text) <= MOST_CHARACTERS:
        return text
    return text[: MOST_CHARACTERS - 1] + "…"


def called(thing: Thing) -> str:
    """What messages call a thing: its name, with the module and instance it is in.

    The root is left out: the finding's file says which one it is.
    """
    address = thing.address
    if thing.root:
        address = address.removeprefix(f"{thing.root}:")
    return _cut(address if thing.name and thing.name in address else thing.name)


def scope(thing: Thing, outcome: Outcome) -> dict[str, Thing]:
    """The things that a message can name: the judged one and those on the way."""
    found = {"thing": thing, thing.kind: thing}
    for edge in outcome.edges:
        found[edge.target.kind] = edge.target
    return found


def message(rule: Rule, thing: Thing, outcome: Outcome) -> str:
    """The message of a finding, by its verdict."""
    if outcome.truth is Truth.UNKNOWN:
        why = "; ".join(dict.fromkeys(_cut(u.why) for u in outcome.unknowns))
        title = _lower(rule.title)
        return (
            f"cannot tell for {outcome.thing.name} whether {title}: {why or 'unknown'}"
        )
    said = rule.say.get(outcome.fact) or rule.say.get("") or f"{{thing}}: {rule.title}"
    text = _filled(said, scope(thing, outcome), outcome)
    if outcome.truth is Truth.MAY:
        on = ", ".join(inputs(outcome.unknowns)) or "what is not known"
        return f"depending on {on}, it may be that {text}"
    return text


def _filled(text: str, things: Mapping[str, Thing], outcome: Outcome) -> str:
    def value(place: re.Match[str]) -> str:
        thing = things.get(place[1])
        if thing is None:
            return f"a {place[1]}"
        if not place[2]:
            return called(thing)
        if thing is outcome.thing and place[2] == outcome.fact:
            return shown_fact(outcome.stated, outcome.bad)
        return shown_fact(thing.fact(place[2]))

    return _PLACE.sub(value, text)


def values(rule: Rule, thing: Thing, outcome: Outcome) -> tuple[str, ...]:
    """`fact = value` for the deciding fact and for each fact that the rule's words show."""
    things = scope(thing, outcome)
    found = [_line(outcome.fact, outcome.stated, outcome.bad)]
    said = rule.say.get(outcome.fact) or rule.say.get("", "")
    for name, fact in _PLACE.findall(said):
        other = things.get(name)
        if (
            other is not None
            and fact
            and (other, fact) != (outcome.thing, outcome.fact)
        ):
            found.append(_line(fact, other.fact(fact), ()))
    if outcome.fact.startswith("place."):
        region = outcome.thing.all_facts("place.region")
        index = min(max(outcome.part - 1, 0), len(region) - 1)
        if region:
            found.append(_line("place.region", region[index], ()))
    return tuple(dict.fromkeys(line for line in found if line))


def _line(fact: str, stated: Fact | None, bad: tuple[FactValue, ...]) -> str:
    if stated is None or stated.sensitive:
        return ""
    default = f" (by default: {stated.default})" if stated.default else ""
    return f"{fact} = {shown_fact(stated, bad)}{default}"


def inputs(unknowns: Iterable[Unknown]) -> tuple[str, ...]:
    """The names of the inputs that would settle some unknowns, without repetition."""
    return tuple(dict.fromkeys(_names(unknowns)))


def _names(unknowns: Iterable[Unknown]) -> Iterator[str]:
    waiting = list(unknowns)[::-1]
    budget = 200
    while waiting and budget:
        unknown = waiting.pop()
        budget -= 1
        if unknown.name:
            yield unknown.name
        waiting.extend(p for p in reversed(unknown.parts) if isinstance(p, Unknown))


def _lower(title: str) -> str:
    """A title inside a sentence: its first letter small, unless it is an acronym's."""
    first = title.split(maxsplit=1)[0] if title else ""
    acronym = len(first) > 1 and first.isupper()
    return title if acronym else title[:1].lower() + title[1:]
