"""Compares whole AWS configurations with what Terraform and its provider planned.

Only what a configuration writes is compared. Provider defaults, the order of sets and
the spelling of JSON do not matter; the schema beside the cases says what is a set and
to which type a value is converted.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

EMPTY = (None, "", [], {})


class Part(NamedTuple):
    """A value and its mask of unknowns."""

    value: Any
    unknown: Any

    def at(self, key: Any) -> Part:
        if isinstance(self.unknown, bool):
            mask = self.unknown
        elif isinstance(self.unknown, dict):
            mask = self.unknown.get(key, False)
        else:
            mask = self.unknown[key] if key < len(self.unknown) else False
        if isinstance(self.value, dict):
            return Part(self.value.get(key), mask)
        if isinstance(self.value, list):
            return Part(self.value[key] if key < len(self.value) else None, mask)
        return Part(None, mask)

    def names(self) -> set[str]:
        value = self.value if isinstance(self.value, dict) else {}
        mask = self.unknown if isinstance(self.unknown, dict) else {}
        return value.keys() | mask.keys()

    def parts(self) -> list[Part]:
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            return [self]
        return [self.at(i) for i in range(len(self.value))]

    @property
    def hidden(self) -> bool:
        return self.unknown is True


def converted(value: Any, kind: Any) -> Any:
    """A primitive as the schema's type."""
    if kind == "number" and isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    if kind == "bool" and value in ("true", "false"):
        return value == "true"
    if kind == "string" and isinstance(value, bool):
        return "true" if value else "false"
    if kind == "string" and isinstance(value, int | float):
        return json.dumps(value)
    return value


def same(want: Part, have: Part, kind: Any = None) -> bool:
    """Whether an attribute agrees with the plan."""
    if want.hidden or have.hidden:
        return want.hidden and have.hidden
    name = kind[0] if isinstance(kind, list) else kind
    both = want.value is not None and have.value is not None
    if both and name in ("list", "set", "tuple"):
        return _same_elements(want, have, kind)
    if both and name == "map":
        return _same_names(want, have, lambda _: kind[1])
    if both and name == "object":
        return _same_names(want, have, kind[1].get)
    value = converted(have.value, kind)
    if isinstance(want.value, dict) and isinstance(value, dict):
        return _same_names(want, have, lambda _: None)
    if isinstance(want.value, list) and isinstance(value, list):
        return _same_elements(want, have, ["list", None])
    return _same_scalar(want.value, value)


def _same_scalar(want: Any, have: Any) -> bool:
    if isinstance(want, bool) != isinstance(have, bool):
        return False
    if want == have or (want in ("", None) and have in ("", None)):
        return True
    if isinstance(want, str) and isinstance(have, str):
        if want.lstrip()[:1] in ("{", "[") and have.lstrip()[:1] in ("{", "["):
            try:
                return bool(json.loads(want) == json.loads(have))
            except ValueError:
                return False
    return False


def _same_names(want: Part, have: Part, kind_of: Any) -> bool:
    names = want.names() | have.names()
    return all(same(want.at(n), have.at(n), kind_of(n)) for n in names)


def _same_elements(want: Part, have: Part, kind: Any) -> bool:
    if not isinstance(want.value, list) or not isinstance(have.value, list):
        return False
    left, right = want.parts(), have.parts()
    if kind[0] != "set":
        return len(left) == len(right) and all(
            same(a, b, kind[1]) for a, b in zip(left, right, strict=True)
        )
    left, right = _distinct(left), _distinct(right)
    return len(left) == len(right) and all(
        any(same(a, b, kind[1]) for b in right) for a in left
    )


def _distinct(parts: list[Part]) -> list[Part]:
    kept: list[Part] = []
    for part in parts:
        if (part.unknown is not False and part.unknown not in ({}, [])) or all(
            part != other for other in kept
        ):
            kept.append(part)
    return kept


def same_blocks(want: Part, have: Part, schema: dict[str, Any] | None) -> bool:
    """Whether the blocks of one type agree: all that the configuration writes."""
    if want.hidden or have.hidden:
        return want.hidden and have.hidden
    if schema is None:
        return not want.value and not have.value
    left, right = want.parts(), have.parts()
    if schema["nesting"] == "single":
        right = right[:1]
        left = [want] if want.value is not None else []
    if schema["nesting"] == "set":
        keys = {
            json.dumps([p.value, i if _doubtful(p) else -1], sort_keys=True)
            for i, p in enumerate(right)
        }
        return len(keys) == len(left) and all(
            any(same_block(a, b, schema) for a in left) for b in right
        )
    return len(left) == len(right) and all(
        same_block(a, b, schema) for a, b in zip(left, right, strict=True)
    )


def _doubtful(part: Part) -> bool:
    if part.hidden:
        return True
    keys: Any = part.names()
    if isinstance(part.value, list):
        keys = range(len(part.value))
    return any(_doubtful(part.at(key)) for key in keys)


def same_block(want: Part, have: Part, schema: dict[str, Any]) -> bool:
    for name in have.names():
        ours = have.at(name)
        if ours.value is None and not ours.hidden:
            continue
        if name in schema.get("attributes", {}):
            kind = schema["attributes"][name][1]
            if not same(want.at(name), ours, None if isinstance(kind, dict) else kind):
                return False
        elif not same_blocks(want.at(name), ours, schema.get("blocks", {}).get(name)):
            return False
    return True


def _written(part: Part, *, empty: bool, prefix: str) -> Iterator[str]:
    """Dotted names inside blocks; with `empty` also those that hold nothing."""
    if isinstance(part.value, list):
        for inner in part.parts():
            yield from _written(inner, empty=empty, prefix=prefix)
        return
    for name in part.names():
        inner = part.at(name)
        if empty or inner.hidden or inner.value not in EMPTY:
            yield prefix + name
        yield from _written(inner, empty=empty, prefix=f"{prefix}{name}.")


class Difference(NamedTuple):
    kind: str  # "missing" | "extra" | "differs" | "precise" | "lost"
    address: str
    name: str
    want: Any = None
    have: Any = None


def differences(
    expected: dict[str, Any], got: dict[str, Any], schema: dict[str, Any]
) -> Iterator[Difference]:
    """Everything in which a configuration's evaluation is not the plan."""
    for address in got["resources"].keys() - expected["resources"].keys():
        yield Difference("extra", address, "")
    for address, resource in expected["resources"].items():
        ours = got["resources"].get(address)
        if ours is None:
            yield Difference("missing", address, "")
            continue
        kind = "resource" if resource["mode"] == "managed" else "data"
        yield from _resource(address, resource, ours, schema[kind][resource["type"]])
    for name, output in expected["outputs"].items():
        have = got["outputs"].get(name)
        if have is None:
            yield Difference("missing", f"output.{name}", "")
        else:
            want = Part(output.get("value"), output["unknown"])
            yield from _told(
                f"output.{name}", "", want, Part(have["value"], have["unknown"]), same
            )


def _resource(
    address: str, want: dict[str, Any], have: dict[str, Any], schema: dict[str, Any]
) -> Iterator[Difference]:
    left = Part(want["values"], want["unknown"])
    right = Part(have["values"], have["unknown"])
    names = {*(want.get("configured") or ()), *want.get("configured_dynamic", ())}
    nested = set(want.get("configured_nested", ()))
    for name in sorted(names - set(want.get("rewritten", ()))):
        a, b = left.at(name), right.at(name)
        found = list(_told(address, name, a, b, _comparison(name, schema)))
        yield from found
        if not found and not b.hidden:
            prefix = f"{name}."
            needed = nested & set(_written(a, empty=False, prefix=prefix))
            for path in sorted(needed - set(_written(b, empty=True, prefix=prefix))):
                yield Difference("lost", address, path)


def _comparison(name: str, schema: dict[str, Any]) -> Any:
    if name not in schema["attributes"]:
        return lambda a, b: same_blocks(a, b, schema.get("blocks", {}).get(name))
    kind = schema["attributes"][name][1]
    if isinstance(kind, dict):
        return same
    if (
        isinstance(kind, list)
        and kind[0] in ("set", "list")
        and isinstance(kind[1], list)
        and kind[1][0] == "object"
    ):
        attributes = {n: ["", t] for n, t in kind[1][1].items()}
        return lambda a, b: same_blocks(
            a, b, {"nesting": kind[0], "attributes": attributes}
        )
    return lambda a, b: same(a, b, kind)


def _told(
    address: str, name: str, want: Part, have: Part, compare: Any
) -> Iterator[Difference]:
    if not compare(want, have):
        kind = "precise" if want.hidden and not have.hidden else "differs"
        yield Difference(
            kind,
            address,
            name,
            "<unknown>" if want.hidden else want.value,
            "<unknown>" if have.hidden else have.value,
        )
