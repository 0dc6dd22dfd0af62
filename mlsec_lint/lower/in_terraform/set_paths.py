"""Paths as `helm --set` writes them (`a.b`, `a[0].b`), and values put at them."""

from __future__ import annotations

from typing import TypeAlias

from mlsec_lint.value import Value

Path: TypeAlias = "tuple[str | int, ...]"

_MAX_STEPS = 64
#: Helm refuses an index past 65,536 (strvals.MaxIndex, Helm 3.17); lists of ours end here.
_MAX_LIST = 1_024


def path_of(text: str) -> Path | None:
    """The steps of a path; None for one that Helm would refuse, and past the bounds."""
    steps: list[str | int] = []
    word: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\" and at + 1 < len(text):
            word.append(text[at + 1])
            at += 2
            continue
        if char == ".":
            if word:
                steps.append("".join(word))
            word = []
        elif char == "[":
            end = text.find("]", at)
            digits = text[at + 1 : end] if end > 0 else ""
            if not digits.isascii() or not digits.isdigit() or len(digits) > 5:
                return None
            if word:
                steps.append("".join(word))
            word = []
            steps.append(int(digits))
            at = end
        else:
            word.append(char)
        at += 1
    if word:
        steps.append("".join(word))
    wrong = any(isinstance(s, int) and s > _MAX_LIST for s in steps)
    if not steps or isinstance(steps[0], int) or wrong or len(steps) > _MAX_STEPS:
        return None
    return tuple(steps)


def placed(values: Value, steps: Path, value: Value) -> Value:
    """The values with one put at a path; a null there takes the chart's own away."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        elements = list(values.elements())
        gap = Value(None, value.span)
        elements.extend(gap for _ in range(step + 1 - len(elements)))
        elements[step] = placed(_inner(elements[step], rest), rest, value)
        return values.replace(data=tuple(elements))
    known = values.data if isinstance(values.data, dict) else {}
    here = known.get(step, Value(None, value.span, key=value.key))
    made = placed(_inner(here, rest), rest, value)
    return values.replace(data={**known, step: made})


def _inner(value: Value, rest: Path) -> Value:
    """What the rest of a path goes into: an empty mapping or list where nothing fits."""
    if not rest:
        return value
    wanted = tuple if isinstance(rest[0], int) else dict
    if isinstance(value.data, wanted):
        return value
    return value.replace(data=wanted())
