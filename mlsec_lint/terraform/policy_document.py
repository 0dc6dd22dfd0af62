"""`aws_iam_policy_document`: the JSON that the data source builds, with its structure.

Follows hashicorp/aws 5.100.0 (internal/service/iam/policy_document_data_source.go and
policy_model.go): a list of one becomes a string, sets are sorted downwards, `&{` means
`${`, a later statement takes the place of an earlier one of the same sid. Every
statement keeps the span of the block or text that states it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mlsec_lint.terraform import values
from mlsec_lint.terraform.types import STRING
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsec_lint.source import Span

    Decode = Callable[[Value], "Value | None"]

VERSION = "2012-10-17"
# Argument in the statement block -> name in the document, in the document's order.
LISTS = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
PRINCIPALS = {"principals": "Principal", "not_principals": "NotPrincipal"}
WITH_VARIABLES = ("resources", "not_resources")


def document(items: dict[str, Value], span: Span, decode: Decode) -> dict[str, Value]:
    """The attributes `json`, `minified_json` and `version` of the data source.

    `decode` reads the JSON text of another document, or gives None for no JSON.
    """
    merged = Merged()
    for text in _texts(items.get("source_policy_documents"), items.get("source_json")):
        merged.add_text(text, decode)
    version = _given(items, "version") or values.string(VERSION)
    merged.version(version)
    merged.identifier(_given(items, "policy_id"))
    for block in _blocks(items.get("statement")):
        merged.statement(_statement(block))
    overrides = items.get("override_policy_documents")
    for text in _texts(overrides, items.get("override_json")):
        merged.add_text(text, decode)
    structure = merged.structure(span)
    return {
        "json": _encoded(structure, span, indent=2),
        "minified_json": _encoded(structure, span, indent=None),
        "version": version,
    }


def _given(items: dict[str, Value], name: str) -> Value | None:
    value = items.get(name)
    return value if value is not None and value.data not in (None, "") else None


def _texts(*lists: Value | None) -> Iterator[Value]:
    """The JSON texts in an argument; an unknown list is one unknown text."""
    for value in lists:
        if value is None or value.data is None:
            continue
        if isinstance(value.data, tuple):
            yield from (v for v in value.data if v.data not in (None, ""))
        elif value.data != "":
            yield value


def _blocks(value: Value | None) -> tuple[Value, ...]:
    """Statement blocks; an Unknown stands for those of an unknown dynamic block."""
    if value is None:
        return ()
    unknown = value.unknown
    if unknown is None:
        return value.elements()
    certain = unknown.possible[0].elements() if unknown.possible else ()
    return (*certain, value.replace(data=values.derived(unknown)))


class Merged:
    """A document in the making: later statements take the place of earlier ones."""

    def __init__(self) -> None:
        self.fields: dict[str, Value] = {}
        self.statements: list[Value] = []

    def version(self, value: Value | None) -> None:
        """Take the newer version."""
        if value is None:
            return
        old = self.fields.get("Version")
        newer = old is None or not isinstance(value.data, str)
        if newer or (isinstance(old.data, str) and value.data > old.data):  # type: ignore[union-attr]
            self.fields["Version"] = value

    def identifier(self, value: Value | None) -> None:
        """Take the document's id."""
        if value is not None and value.data not in (None, ""):
            self.fields["Id"] = value

    def statement(self, value: Value) -> None:
        """Add a statement, in the place of one with the same sid."""
        sid = value.get("Sid") if isinstance(value.data, dict) else None
        if sid is not None and isinstance(sid.data, str) and sid.data:
            for i, other in enumerate(self.statements):
                known = other.get("Sid") if isinstance(other.data, dict) else None
                if known is not None and known.data == sid.data:
                    self.statements[i] = value
                    return
        self.statements.append(value)

    def add_text(self, text: Value, decode: Decode) -> None:
        """Merge another document, given as JSON text."""
        found = decode(text)
        if found is None or not isinstance(found.data, dict):
            self.statements.append(_doubtful(text, text, "document"))
            return
        self.version(found.get("Version"))
        self.identifier(found.get("Id"))
        listed = found.get("Statement")
        if listed is None:
            return
        each = listed.elements() if isinstance(listed.data, tuple) else (listed,)
        for statement in each:
            self.statement(_normalised(statement))

    def structure(self, span: Span) -> Value:
        """The whole document."""
        order = ["Version", "Id"]
        made = {name: self.fields[name] for name in order if name in self.fields}
        if self.statements:
            made["Statement"] = Value(tuple(self.statements), span)
        return Value(made, span)


def _statement(block: Value) -> Value:
    """A statement block as the document's object, at the block's place."""
    if block.unknown is not None:
        return block
    made: dict[str, Value] = {}
    sid = _given(block.data, "sid")
    if sid is not None:
        made["Sid"] = sid
    effect = block.get("effect")
    if effect is None or effect.data is None:
        effect = Value("Allow", block.span, key=block.key, type=STRING)
    made["Effect"] = effect
    for argument, name in LISTS.items():
        value = block.data.get(argument)
        if value is not None and value.data not in (None, ()):
            made[name] = _listed(value, variables=argument in WITH_VARIABLES)
    for argument, name in PRINCIPALS.items():
        blocks = block.data.get(argument)
        if blocks is not None and blocks.data != ():
            made[name] = _principals(blocks)
    conditions = block.data.get("condition")
    if conditions is not None and conditions.data != ():
        made["Condition"] = _conditions(conditions)
    return Value(made, block.span, key=block.key, trail=block.trail)


def _listed(value: Value, *, variables: bool, ordered: bool = False) -> Value:
    """A set of texts: one is a string, several are sorted downwards."""
    if not isinstance(value.data, tuple):
        return value
    parts = [_with_variables(part) if variables else part for part in value.data]
    if len(parts) == 1:
        return parts[0].replace(key=value.key)
    if not ordered:
        parts = _downwards(parts)
    return value.replace(data=tuple(parts), type=None)


def _downwards(parts: list[Value]) -> list[Value]:
    distinct = {p.data: p for p in reversed(parts) if isinstance(p.data, str)}
    known = sorted(distinct.values(), key=lambda part: str(part.data), reverse=True)
    return known + [part for part in parts if not isinstance(part.data, str)]


def _with_variables(part: Value) -> Value:
    data = part.data
    if isinstance(data, str) and "&{" in data:
        return part.replace(data=data.replace("&{", "${"))
    if isinstance(data, Unknown) and data.parts:
        parts = tuple(
            p.replace("&{", "${") if isinstance(p, str) else p for p in data.parts
        )
        return part.replace(data=data._replace(parts=parts))
    return part


def _principals(blocks: Value) -> Value:
    if blocks.unknown is not None:
        return blocks.replace(data=values.derived(blocks.unknown))
    kinds: dict[str, list[Value]] = {}
    for block in blocks.elements():
        kind, names = block.get("type"), block.get("identifiers")
        if kind is None or names is None or not isinstance(kind.data, str):
            return _doubtful(block, kind, "principal")
        listed = _listed(names, variables=True)
        if kind.data == "*" and listed.data == "*" and len(blocks.elements()) == 1:
            return listed.replace(key=block.key)
        kinds.setdefault(kind.data, []).append(listed.replace(key=block.key))
    made = {kind: _together(found) for kind, found in kinds.items()}
    return Value(made, blocks.span, key=blocks.key)


def _doubtful(place: Value, cause: Value | None, what: str) -> Value:
    """What stands for a part that cannot be read, with the reason of its cause."""
    reason = cause.unknown if cause is not None else None
    if reason is None:
        reason = Unknown("data", f"this {what} cannot be read", span=place.span)
    return Value(values.derived(reason), place.span, key=place.key, trail=place.trail)


def _together(found: list[Value]) -> Value:
    """What several blocks state for the same name."""
    if len(found) == 1:
        return found[0]
    parts: list[Value] = []
    for value in found:
        parts.extend(value.data if isinstance(value.data, tuple) else (value,))
    return found[0].replace(data=tuple(parts), type=None)


def _conditions(blocks: Value) -> Value:
    if blocks.unknown is not None:
        return blocks.replace(data=values.derived(blocks.unknown))
    tests: dict[str, dict[str, list[Value]]] = {}
    for block in blocks.elements():
        test, variable = block.get("test"), block.get("variable")
        given = block.get("values")
        if test is None or variable is None or given is None:
            continue
        if not isinstance(test.data, str) or not isinstance(variable.data, str):
            other = test if test.unknown is not None else variable
            return _doubtful(block, other, "condition")
        listed = _listed(given, variables=True, ordered=True)
        names = tests.setdefault(test.data, {})
        names.setdefault(variable.data, []).append(listed.replace(key=block.key))
    made = {
        test: Value({n: _together(v) for n, v in names.items()}, blocks.span)
        for test, names in tests.items()
    }
    return Value(made, blocks.span, key=blocks.key)


def _normalised(statement: Value) -> Value:
    """A statement of another document, as the provider writes it again."""
    if not isinstance(statement.data, dict):
        return statement
    made = dict(statement.data)
    for name in PRINCIPALS.values():
        principal = made.get(name)
        if principal is not None and isinstance(principal.data, dict):
            kinds = {
                kind: v.replace(data=tuple(_downwards(list(v.data))), type=None)
                if isinstance(v.data, tuple)
                else v
                for kind, v in principal.data.items()
            }
            made[name] = principal.replace(data=kinds, type=None)
    ordered = {name: made[name] for name in _ORDER if name in made}
    return statement.replace(data=ordered, type=None)


_ORDER = ("Sid", "Effect", *LISTS.values(), *PRINCIPALS.values(), "Condition")
_ESCAPES = str.maketrans(
    {
        "&": "\\u0026",
        "<": "\\u003c",
        ">": "\\u003e",
        "\u2028": "\\u2028",
        "\u2029": "\\u2029",
    }
)


def _encoded(structure: Value, span: Span, indent: int | None) -> Value:
    """The document as text; an Unknown that keeps its structure when a part is."""
    reason = values.first_unknown(structure)
    origin = ("json", structure)
    if reason is not None:
        unknown = values.derived(reason)
        return Value(unknown, span, type=STRING, origin=origin)
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(
        _plain(structure), indent=indent, ensure_ascii=False, separators=separators
    ).translate(_ESCAPES)
    return Value(text, span, type=STRING, origin=origin)


def _plain(value: Value) -> Any:
    """Go writes a struct's fields in order and the keys of a map sorted."""
    data = value.data
    if isinstance(data, tuple):
        return [_plain(part) for part in data]
    if not isinstance(data, dict):
        return data if isinstance(data, str | bool | None) else str(data)
    fixed = data.keys() <= {*_ORDER, "Version", "Id", "Statement"}
    names = data if fixed else sorted(data)
    return {name: _plain(data[name]) for name in names}
