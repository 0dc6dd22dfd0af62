"""IAM policy documents: statements with spans, and who they are open to.

Reads JSON that was encoded from a value (`jsonencode`, heredocs, templates), plain JSON
text, and `aws_iam_policy_document` data sources with their sources and overrides. An
unknown inside costs that element, never the document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsec_lint.lower.reading import unknown_of
from mlsec_lint.lower.terraform_index import symbol_of
from mlsec_lint.terraform.functions.json_text import read_json
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_DEPTH = 8
_TEXT_LIMIT = 200_000


@dataclass(slots=True)
class Condition:
    """One condition: operator, key and the values it is compared with.

    Where they cannot be told, the key (and the operator) is "" and the only value says
    why. Of a key that is known in part (`${issuer}:sub`), `name` is the key, `given`
    the values that it is compared with; `what` is the argument that lists them.
    """

    operator: str
    key: str
    values: tuple[Value, ...]
    name: Unknown | None = None
    given: tuple[Value, ...] = ()
    what: Value | None = None

    def place(self) -> Span | None:
        """The line that says what the key is compared with; None where none does."""
        values = self.values if self.key else self.given
        return _place(self.what, values[0] if values else None)


@dataclass(slots=True)
class Statement:
    """One statement of a policy document.

    `principals` maps kinds (`AWS`, `Service`, `Federated`, `*`) to values; the same for
    `not_principals`. `unknown` is set when the statement itself cannot be read. `what`
    is the argument that lists the actions, or those left out.
    """

    span: Span
    effect: str | Unknown
    sid: str = ""
    principals: tuple[tuple[str, Value], ...] = ()
    not_principals: tuple[tuple[str, Value], ...] = ()
    actions: tuple[Value, ...] = ()
    not_actions: tuple[Value, ...] = ()
    resources: tuple[Value, ...] = ()
    not_resources: tuple[Value, ...] = ()
    conditions: tuple[Condition, ...] = ()
    trail_of: Value | None = None
    unknown: Unknown | None = None
    what: Value | None = None

    def place_of(self, action: Value | None) -> Span:
        """The line that grants: the action where it stands in it, else the argument.

        An action that came from elsewhere (a local, a variable) is shown where the
        statement uses it.
        """
        return _place(self.what, action) or self.span


def _place(argument: Value | None, part: Value | None) -> Span | None:
    """Where a part of an argument stands; the argument where it came from elsewhere."""
    if argument is None or argument.key is None:
        return None
    within, own = argument.span, part.span if part is not None else None
    if within is None or within.source is not argument.key.source:
        return argument.key
    between = within.source.text[argument.key.end : within.start]
    if within.start < argument.key.end or between.strip(" \t\"'=:"):
        return argument.key
    whole = argument.entry()
    if whole is None or own is None or own.source is not within.source:
        return whole
    inside = within.start <= own.start and own.end <= within.end
    return own if inside and own.line != whole.line else whole


@dataclass(slots=True)
class Policy:
    """A policy document: what was read of it, and what was not (`unknown`)."""

    statements: tuple[Statement, ...]
    unknown: Unknown | None = None


def read_policy(here: RootIndex, value: Value, fallback: Span) -> Policy:
    """The statements of the policy document that an argument holds."""
    return _read(here, value, fallback, 0)


def _read(here: RootIndex, value: Value, fallback: Span, depth: int) -> Policy:
    if depth > _DEPTH:
        return Policy((), Unknown("bound", "policy documents refer to each other"))
    source = here.resolve(symbol_of(value))
    if source is not None and source.mode == "data" and _is_document(source):
        return _from_data(here, source, depth)
    if value.origin is not None and value.origin[0] in {"json", "yaml"}:
        return _from_tree(value.origin[1], value, fallback)
    if source is not None and isinstance(value.data, Unknown):
        symbol = symbol_of(value)
        assert symbol is not None
        behind = here.formulas.argument_behind(source, here.meant(symbol).path)
        if behind is not None and behind is not value:
            return _read(here, behind, fallback, depth + 1)
    return _from_text(value, fallback)


def _is_document(resource: Resource) -> bool:
    return resource.type == "aws_iam_policy_document"


def _from_text(value: Value, fallback: Span) -> Policy:
    """JSON text, with its unknown parts (if any) as unknown values at their places."""
    if _length(value) > _TEXT_LIMIT:
        return Policy((), Unknown("bound", "the policy is longer than a policy can be"))
    tree = read_json(value)
    if tree is None:
        why = "this is no policy document"
        return Policy((), unknown_of(value, why))
    if tree.unknown is None and not isinstance(tree.data, dict):
        return Policy((), Unknown("error", "the policy is no JSON object"))
    return _from_tree(tree, value, fallback)


def _length(value: Value) -> int:
    if isinstance(value.data, str):
        return len(value.data)
    unknown = value.unknown
    parts = unknown.parts if unknown is not None else ()
    return sum(len(part) for part in parts if isinstance(part, str))


def _from_tree(tree: Value, host: Value, fallback: Span) -> Policy:
    if tree.unknown is not None:
        return Policy((), tree.unknown)
    listed = tree.get("Statement")
    if listed is None:
        return Policy((), None)
    if listed.unknown is not None:
        return Policy((), listed.unknown)
    items = _several(listed)
    found = [_statement(item, host, fallback) for item in items if not item.is_null]
    return Policy(tuple(found))


def _statement(item: Value, host: Value, fallback: Span) -> Statement:
    effect_value = item.get("Effect")
    span = _statement_span(item, host, fallback)
    if item.unknown is not None or effect_value is None:
        unknown = unknown_of(item, "a statement without Effect")
        return Statement(span, unknown, unknown=unknown, trail_of=host)
    effect = effect_value.text()
    sid = item.get("Sid")
    name = sid.data if sid is not None and isinstance(sid.data, str) else ""
    return Statement(
        span,
        effect if effect is not None else Unknown("error", "Effect is no text"),
        name,
        _principals(item.get("Principal")),
        _principals(item.get("NotPrincipal")),
        _several(item.get("Action")),
        _several(item.get("NotAction")),
        _several(item.get("Resource")),
        _several(item.get("NotResource")),
        _conditions(item.get("Condition")),
        item if item.span is not None else host,
        what=item.get("Action") or item.get("NotAction"),
    )


def _statement_span(item: Value, host: Value, fallback: Span) -> Span:
    """The narrowest place of a statement: its principal, else its first line."""
    principal = item.get("Principal")
    if principal is not None and isinstance(item.data, dict):
        entry = principal.entry()
        if entry is not None:
            return entry
    return item.entry() or host.entry() or fallback


def _several(value: Value | None) -> tuple[Value, ...]:
    if value is None or value.is_null:
        return ()
    is_list = isinstance(value.data, tuple) and value.unknown is None
    return value.elements() if is_list else (value,)


def _principals(value: Value | None) -> tuple[tuple[str, Value], ...]:
    if value is None or value.is_null:
        return ()
    if isinstance(value.data, dict):
        return tuple(
            (kind, one) for kind, listed in value.items() for one in _several(listed)
        )
    return tuple(("*", one) for one in _several(value))


def _conditions(value: Value | None) -> tuple[Condition, ...]:
    if value is None or value.is_null:
        return ()
    if value.unknown is not None:
        return (Condition("", "", (value,)),)
    found: list[Condition] = []
    for operator, keys in value.items():
        if keys.unknown is not None:  # a name in it is not known
            found += _unnamed(operator, keys)
        found += [Condition(operator, k, _several(v), what=v) for k, v in keys.items()]
    return tuple(found)


def _unnamed(operator: str, keys: Value) -> Iterator[Condition]:
    """The conditions of an operator of which not every key is known."""
    if keys.origin is None or keys.origin[0] != "entries":
        yield Condition(operator, "", (keys,))
        return
    for entry in keys.origin[1].elements():
        key, value = entry.get("key"), entry.get("value")
        if key is None or value is None:
            continue
        if isinstance(key.data, str):
            yield Condition(operator, key.data, _several(value), what=value)
        else:
            yield Condition(operator, "", (key,), key.unknown, _several(value), value)


def _from_data(here: RootIndex, source: Resource, depth: int) -> Policy:
    """A policy-document data source, its sources merged and its overrides applied."""
    statements: list[Statement] = []
    unknown: Unknown | None = None
    for argument in ("source_policy_documents", "source_json"):
        for document in _several(source.values.get(argument)):
            inner = _read(here, document, source.span, depth + 1)
            statements.extend(inner.statements)
            unknown = inner.unknown if unknown is None else unknown
    statements.extend(
        _data_statement(block, source)
        for block in _several(source.values.get("statement"))
    )
    for argument in ("override_policy_documents", "override_json"):
        for document in _several(source.values.get(argument)):
            inner = _read(here, document, source.span, depth + 1)
            replaced = {s.sid for s in inner.statements if s.sid}
            statements = [s for s in statements if s.sid not in replaced]
            statements.extend(inner.statements)
            unknown = inner.unknown if unknown is None else unknown
    return Policy(tuple(statements), unknown)


def _data_statement(block: Value, source: Resource) -> Statement:
    principals = block.get("principals")
    entry = _first_entry(_several(principals)) or block.entry() or source.span
    if block.unknown is not None:
        return Statement(entry, block.unknown, unknown=block.unknown, trail_of=block)
    effect_value = block.get("effect")
    effect = (
        "Allow" if effect_value is None or effect_value.is_null else effect_value.text()
    )
    sid = block.get("sid")
    return Statement(
        entry,
        effect if effect is not None else Unknown("error", "effect is no text"),
        sid.data if sid is not None and isinstance(sid.data, str) else "",
        _data_principals(principals),
        _data_principals(block.get("not_principals")),
        _several(block.get("actions")),
        _several(block.get("not_actions")),
        _several(block.get("resources")),
        _several(block.get("not_resources")),
        tuple(_data_condition(c) for c in _several(block.get("condition"))),
        block,
        what=_given(block, "actions") or _given(block, "not_actions"),
    )


def _given(block: Value, name: str) -> Value | None:
    value = block.get(name)
    return None if value is None or value.is_null else value


def _first_entry(found: tuple[Value, ...]) -> Span | None:
    for block in found:
        identifiers = block.get("identifiers")
        if identifiers is not None and isinstance(block.data, dict):
            return identifiers.entry()
    return None


def _data_principals(value: Value | None) -> tuple[tuple[str, Value], ...]:
    found: list[tuple[str, Value]] = []
    for block in _several(value):
        kind = block.get("type")
        name = kind.data if kind is not None and isinstance(kind.data, str) else "?"
        found.extend((name, one) for one in _several(block.get("identifiers")))
    return tuple(found)


def _data_condition(block: Value) -> Condition:
    test, variable = block.get("test"), block.get("variable")
    if block.unknown is not None or test is None or variable is None:
        return Condition("", "", (block,))
    operator, key = test.data, variable.data
    if isinstance(operator, str) and isinstance(key, Unknown):
        listed = block.get("values")
        return Condition(operator, "", (variable,), key, _several(listed), listed)
    if not isinstance(operator, str) or not isinstance(key, str):
        return Condition("", "", (block,))
    listed = block.get("values")
    return Condition(operator, key, _several(listed), what=listed)
