"""References in the configuration part of a plan, followed through modules.

The plan lists for each argument the references in it, longest first with the objects
they belong to. An argument that refers to one thing only can be followed: a variable
leads to the module call's argument, a module's output to its expression.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex
from mlsec_lint.value import Symbol

if TYPE_CHECKING:
    from mlsec_lint.value import Value

MAX_HOPS = 32
_INDEX = regex(r"\[([^\]]*)\]")
_STEP = regex(r"\.?([A-Za-z_][\w-]*)|\[(?:\"((?:[^\"\\]|\\.)*)\"|(\d+)|[^\]]*)\]")


class Place:
    """A module of the configuration part: its JSON, its address and its parent."""

    __slots__ = ("address", "call", "module", "parent")

    def __init__(
        self,
        module: Value | None,
        address: str = "",
        parent: Place | None = None,
        call: Value | None = None,
    ) -> None:
        self.module = module
        self.address = address
        self.parent = parent
        self.call = call

    def child(self, step: str) -> Place:
        """The module that a call (`name`, `name["key"]`) leads to."""
        name = _INDEX.sub("", step)
        calls = self.module.get("module_calls") if self.module is not None else None
        call = calls.get(name) if calls is not None else None
        inner = call.get("module") if call is not None else None
        prefix = f"{self.address}." if self.address else ""
        return Place(inner, f"{prefix}module.{step}", self, call)

    def within(self, address: str) -> str:
        """The full address of an object of this module."""
        return f"{self.address}.{address}" if self.address else address

    def resource(self, address: str) -> Value | None:
        """What the configuration says about a resource, by `type.name`."""
        listed = self.module.get("resources") if self.module is not None else None
        for resource in listed.elements() if listed is not None else ():
            found = resource.get("address")
            if found is not None and found.data == address:
                return resource
        return None

    def symbol(self, words: list[str]) -> Symbol | None:
        """The one object behind the references of an argument, or None."""
        place, hops = self, 0
        while hops < MAX_HOPS:
            hops += 1
            single = _single(words)
            if single is None:
                return None
            steps = _steps(single)
            if steps[0] == "var" and len(steps) == 2:
                expression = place.argument(str(steps[1]))
                if expression is None or place.parent is None:
                    return None
                place = place.parent
            elif steps[0] == "module" and len(steps) >= 3:
                inner, output = place.output(single)
                if inner is None or output is None:
                    return None
                place, expression = inner, output
            else:
                return place.object_of(steps)
            words = references(expression)
        return None

    def argument(self, name: str) -> Value | None:
        """What the call of this module gives for a variable."""
        arguments = self.call.get("expressions") if self.call is not None else None
        return arguments.get(name) if arguments is not None else None

    def output(self, words: str) -> tuple[Place | None, Value | None]:
        """The module and expression of an output (`module.m["k"].out`)."""
        found = re.match(r"module\.([\w-]+(?:\[[^\]]*\])?)\.([\w-]+)$", words)
        if found is None:
            return None, None
        inner = self.child(found.group(1))
        outputs = inner.module.get("outputs") if inner.module is not None else None
        output = outputs.get(found.group(2)) if outputs is not None else None
        return inner, output.get("expression") if output is not None else None

    def object_of(self, steps: list[str | int | None]) -> Symbol | None:
        """The symbol of a resource or data source."""
        if steps[0] in ("each", "count", "local", "path", "terraform", "self", "var"):
            return None
        size = 3 if steps[0] == "data" else 2
        if len(steps) < size:
            return None
        address = ".".join(map(str, steps[:size]))
        rest = steps[size:]
        if (rest and isinstance(rest[0], int)) or (
            len(rest) > 1 and isinstance(rest[0], str) and rest[0].startswith('"')
        ):
            address += f"[{rest.pop(0)}]"
        path = tuple(s.strip('"') if isinstance(s, str) else s for s in rest)
        return Symbol(self.within(address), path)


def references(expression: Value | None) -> list[str]:
    """The references of an expression as the plan lists them."""
    listed = expression.get("references") if expression is not None else None
    words = [v.data for v in listed.elements()] if listed is not None else []
    return [word for word in words if isinstance(word, str)]


def _single(words: list[str]) -> str | None:
    """The one reference of which all the others are a part, or None."""
    if not words:
        return None
    longest = max(words, key=len)
    return longest if all(longest.startswith(word) for word in words) else None


def _steps(words: str) -> list[str | int | None]:
    """The steps of a reference; quoted keys keep their quotes."""
    steps: list[str | int | None] = []
    for found in _STEP.finditer(words):
        name, key, position = found.groups()
        if name is not None:
            steps.append(name)
        elif key is not None:
            steps.append(f'"{key}"')
        else:
            steps.append(int(position) if position and len(position) < 10 else None)
    return steps or ["?"]
