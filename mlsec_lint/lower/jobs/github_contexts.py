"""Expressions of GitHub Actions put in, and what steps hand to later steps.

`${{ env.X }}`, `inputs`, `matrix`, `steps.ID.outputs.X` and `needs.JOB.outputs.X` are
variables of that dotted name; functions and operators stay unknown. Steps hand values on
by `echo NAME=value >> $GITHUB_ENV` (docs.github.com, workflow commands, read 2026-11).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex
from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlsec_lint.lower.jobs.shell_commands import Command, Script

_EXPRESSION = regex(r"\$\{\{\s*([A-Za-z_][\w-]*(?:\.[\w-]+)+)\s*\}\}")
_ASSIGNS = regex(r"([A-Za-z_][\w-]{0,200})(=|<<)(.*)", re.DOTALL)
_MAX_TEXT = 8_192
_MAX_TRAIL = 8


def expressed(value: Value, known: Mapping[str, Value]) -> Value:
    """The value with the expressions in it put in, as far as they are known."""
    unknown = value.data
    if not isinstance(unknown, Unknown) or unknown.kind != "template":
        return value
    parts: list[str | Unknown] = []
    trail: list[Step] = []
    for part in unknown.parts or (unknown,):
        match = _EXPRESSION.fullmatch(part.name) if isinstance(part, Unknown) else None
        found = known.get(match[1]) if match is not None else None
        text = found.text() if found is not None else None
        if match is None or found is None or text is None:
            parts.append(part)
            continue
        if not isinstance(text, Unknown) and found.span is not None:
            trail.append(Step(found.span, f"{match[1]} is set here"))
        parts.append(text)
    trail = [*trail, *value.trail][:_MAX_TRAIL]
    if all(isinstance(part, str) for part in parts):
        joined = "".join(str(part) for part in parts)
        if len(joined) > _MAX_TEXT:
            return value
        return value.replace(data=joined, trail=tuple(trail))
    if len(parts) == 1 and isinstance(parts[0], Unknown):
        return value.replace(data=parts[0], trail=tuple(trail))
    return value.replace(data=unknown._replace(parts=tuple(parts)), trail=tuple(trail))


def block(values: Mapping[str, Value], near: Value) -> Value:
    """Values as a mapping that holds an `env` of them."""
    return Value({"env": Value(dict(values), near.span)}, near.span)


def handed_on(script: Script, name: str, *, branch: bool) -> dict[str, Value]:
    """What a script hands to later steps: environment, and outputs of the step `name`."""
    found: dict[str, Value] = {}
    for command in script.commands:
        target = _target(command)
        if not target:
            continue
        for key, value in _pairs(command):
            if branch or command.branch:
                value = _perhaps(key, value)
            if target == "GITHUB_ENV":
                found[key] = value
                found[f"env.{key}"] = value
            elif name:
                found[f"steps.{name}.outputs.{key}"] = value
    return found


def _target(command: Command) -> str:
    """The file of workflow commands that a command writes to, or ""."""
    targets = [r.target for r in command.redirects if r.operator.endswith(">")]
    if command.name() == "tee":
        return ""
    for target in targets:
        data = target.data
        if isinstance(data, Unknown) and data.name in ("GITHUB_ENV", "GITHUB_OUTPUT"):
            return data.name
    return ""


def _pairs(command: Command) -> Iterator[tuple[str, Value]]:
    """`NAME=value` of `echo NAME=value` and `echo "NAME=value"`; `NAME<<END` is unknown."""
    if command.name() not in ("echo", "printf") or len(command.words) < 2:
        return
    words = [w for w in command.words[1:] if w.data not in ("-e", "-n", "-E")]
    if len(words) != 1:
        return
    word = words[0]
    data = word.data
    parts = (data,) if isinstance(data, str) else ()
    if isinstance(data, Unknown):
        parts = data.parts
    match = _ASSIGNS.match(parts[0]) if parts and isinstance(parts[0], str) else None
    if match is None:
        return
    name, sign, rest = match[1], match[2], match[3]
    if command.name() == "printf":
        rest = rest.removesuffix("\\n")
    behind = tuple(p for p in (rest, *parts[1:]) if p != "")
    if sign == "<<":
        why = f"{name} is handed on in several lines"
        yield name, word.replace(data=Unknown("environment", why, name, span=word.span))
    elif all(isinstance(p, str) for p in behind):
        yield name, word.replace(data="".join(str(p) for p in behind), origin=None)
    elif isinstance(data, Unknown):
        one = behind[0] if len(behind) == 1 else data._replace(parts=behind)
        yield name, word.replace(data=one, origin=None)


def _perhaps(name: str, value: Value) -> Value:
    """A value that a step hands on only under some condition."""
    why = f"{name} is set by a step that may not run"
    possible = None if isinstance(value.data, Unknown) else (value,)
    unknown = Unknown("environment", why, name, possible=possible, span=value.span)
    return value.replace(data=unknown)
