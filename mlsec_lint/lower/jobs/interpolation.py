"""Plain references inside a config (`${model.path}`, OmegaConf and torchtune).

`${.name}` is a sibling, `${oc.select:name,default}` the setting where the file has it.
Other resolvers (`${oc.env:X}`, `${multiply:...}`) stay unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.parse.placeholder import placeholder
from mlsec_lint.patterns import regex
from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping, Sequence

    from mlsec_lint.lower.jobs.arguments import Setting

_REFERENCE = regex(r"\$\{([A-Za-z_][\w-]*(?:\.[\w-]+)*)\}")
_RELATIVE = regex(r"\$\{(\.{1,8})([A-Za-z_][\w.-]*)\}")
_SELECT = regex(r"\$\{oc\.select:\s*([A-Za-z_][\w.-]*)\s*(?:,[^${}]*)?\}")
_MAX_DEPTH = 8
_MAX_TEXT = 4_096


def interpolated(settings: Sequence[Setting]) -> list[Setting]:
    """The settings with references to other settings of the same file put in."""
    settings = [s._replace(value=_absolute(s.value, s.name)) for s in settings]
    resolver = _Resolver({setting.name: setting.value for setting in settings})
    return [s._replace(value=resolver.value(s.value, 0)) for s in settings]


def _absolute(value: Value, name: str) -> Value:
    """A value with `${.x}` and `${..x}` written as references from the top."""
    data = value.data
    if isinstance(data, Unknown) and data.kind == "placeholder":
        data = "".join(p if isinstance(p, str) else p.name for p in data.parts)
    if not isinstance(data, str) or "${." not in data or len(data) > _MAX_TEXT:
        return value
    steps = name.split(".")

    def told(match: re.Match[str]) -> str:
        above = steps[: max(0, len(steps) - len(match[1]))]
        return "${" + ".".join([*above, match[2]]) + "}"

    found = value.replace(data=_RELATIVE.sub(told, data))
    unknown = placeholder(found)
    return found if unknown is None else found.replace(data=unknown)


class _Resolver:
    """Resolves each name once, so that references to references cost little."""

    def __init__(self, known: Mapping[str, Value]) -> None:
        self.known = known
        self.tops = {name.partition(".")[0] for name in known}
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
        match = _REFERENCE.fullmatch(written) or _SELECT.fullmatch(written)
        if match is None or depth >= _MAX_DEPTH:
            return None
        name = match[1].replace("-", "_")
        if name not in self.done:
            self.done[name] = None  # a circle finds nothing
            target = self.known.get(name) or self.packaged(name)
            if target is not None:
                self.done[name] = self.value(target, depth + 1)
        return self.done[name]

    def packaged(self, name: str) -> Value | None:
        """`${training.run.name}` in a file of the folder `training`: its own `run.name`.

        A group's file lies in the folder of its package, where Hydra puts it.
        """
        package, _, inner = name.partition(".")
        target = self.known.get(inner) if inner else None
        if target is None or target.span is None or package in self.tops:
            return None
        folders = target.span.path.split("/")[:-1]
        return target if package in folders else None
