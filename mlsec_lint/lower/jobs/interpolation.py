"""Plain references inside a config (`${model.path}`, OmegaConf and torchtune).

Resolvers (`${oc.env:X}`, `${multiply:...}`) and relative references stay unknown.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlsec_lint.lower.jobs.arguments import Setting

_REFERENCE = re.compile(r"\$\{([A-Za-z_][\w-]*(?:\.[\w-]+)*)\}")
_MAX_DEPTH = 8
_MAX_TEXT = 4_096


def interpolated(settings: Sequence[Setting]) -> list[Setting]:
    """The settings with references to other settings of the same file put in."""
    resolver = _Resolver({setting.name: setting.value for setting in settings})
    return [s._replace(value=resolver.value(s.value, 0)) for s in settings]


class _Resolver:
    """Resolves each name once, so that references to references cost little."""

    def __init__(self, known: Mapping[str, Value]) -> None:
        self.known = known
        self.done: dict[str, Value | None] = {}

    def value(self, value: Value, depth: int) -> Value:
        """The value with its references put in; itself where one is not known."""
        if value.elements():
            elements = tuple(self.value(e, depth) for e in value.elements())
            return value.replace(data=elements)
        unknown = value.data
        if not isinstance(unknown, Unknown) or unknown.kind != "placeholder":
            return value
        texts: list[str] = []
        steps: list[Step] = []
        for part in unknown.parts or (unknown,):
            if isinstance(part, str):
                texts.append(part)
                continue
            target = self.named(part.name, depth)
            text = target.text() if target is not None else None
            if target is None or not isinstance(text, str):
                return value
            texts.append(text)
            if target.span is not None and len(steps) < _MAX_DEPTH:
                steps.append(Step(target.span, f"{part.name} is set here"))
        text = "".join(texts)
        if len(text) > _MAX_TEXT:
            return value
        return value.replace(data=text, trail=(*steps, *value.trail)[:_MAX_DEPTH])

    def named(self, written: str, depth: int) -> Value | None:
        """What a reference means; None for resolvers, circles and unknown names."""
        match = _REFERENCE.fullmatch(written)
        if match is None or depth >= _MAX_DEPTH:
            return None
        name = match[1].replace("-", "_")
        if name not in self.done:
            self.done[name] = None  # a circle finds nothing
            target = self.known.get(name)
            if target is not None:
                self.done[name] = self.value(target, depth + 1)
        return self.done[name]
