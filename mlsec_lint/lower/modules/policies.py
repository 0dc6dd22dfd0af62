"""IAM policy documents that a public module writes out of its inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.lower.modules.building import Builder


def statement(
    make: Builder,
    kind: str,
    principals: Value,
    action: str,
    conditions: Value | None = None,
) -> Value:
    """An Allow for principals of one kind, which stands where an input names them."""
    who = Value({kind: principals}, principals.span, key=principals.key)
    inner = {
        "Effect": make.fixed("Allow"),
        "Principal": who,
        "Action": make.fixed(action),
        "Resource": make.fixed("*"),
    }
    if conditions is not None:
        inner["Condition"] = conditions
    return Value(inner, principals.span, key=principals.key, trail=principals.trail)


def condition(make: Builder, operator: str, key: str, values: Value) -> Value:
    """A condition that a statement carries."""
    return make.fixed({operator: make.fixed({key: values})})


def policy(
    make: Builder, statements: Iterable[Value], more: Value | None = None
) -> Value:
    """A policy document of statements, and of those that an input adds as written.

    Statements in the form of the data source's blocks (`principals`, `conditions`) are
    brought into that of a policy; what cannot be read of them stays unknown.
    """
    found = [*statements, *_added(make, more)]
    tree = make.fixed({"Statement": make.fixed(tuple(found))})
    why = f"the module of {make.call.address} writes it"
    text = make.unknown(why)
    return text.replace(origin=("json", tree))


def _added(make: Builder, more: Value | None) -> list[Value]:
    if more is None:
        return []
    if more.unknown is not None:
        return [more]
    listed = more.elements() or tuple(entry for _, entry in more.items())
    return [_from_block(make, entry) for entry in listed]


def _from_block(make: Builder, block: Value) -> Value:
    if block.unknown is not None or not isinstance(block.data, dict):
        return block
    inner: dict[str, Value] = {"Effect": block.get("effect") or make.fixed("Allow")}
    for name, member in (
        ("Action", "actions"),
        ("NotAction", "not_actions"),
        ("Resource", "resources"),
    ):
        value = block.get(member)
        if value is not None and not value.is_null:
            inner[name] = value
    for name, member in (
        ("Principal", "principals"),
        ("NotPrincipal", "not_principals"),
    ):
        who = _principals(block.get(member))
        if who is not None:
            inner[name] = who
    conditions = block.get("conditions") or block.get("condition")
    if conditions is not None and not conditions.is_null:
        inner["Condition"] = _conditions(conditions)
    return block.replace(data=inner)


def _principals(listed: Value | None) -> Value | None:
    """Blocks of type and identifiers as a policy's map; one kind given twice is joined."""
    if listed is None or listed.is_null:
        return None
    if listed.unknown is not None:
        return listed
    found: dict[str, Value] = {}
    for block in listed.elements():
        kind, names = block.get("type"), block.get("identifiers")
        if kind is None or names is None or not isinstance(kind.data, str):
            return _unread(listed, "the kind of a principal is not known")
        before = found.get(kind.data)
        if before is not None:
            names = names.replace(data=(*before.elements(), *names.elements()))
        found[kind.data] = names
    return listed.replace(data=found)


def _conditions(listed: Value) -> Value:
    if listed.unknown is not None:
        return listed
    found: dict[str, dict[str, Value]] = {}
    for block in listed.elements():
        test, key, values = (block.get(n) for n in ("test", "variable", "values"))
        if test is None or key is None or values is None:
            return _unread(listed, "a condition is not known")
        if not isinstance(test.data, str) or not isinstance(key.data, str):
            return _unread(listed, "a condition is not known")
        found.setdefault(test.data, {})[key.data] = values
    tree = {test: listed.replace(data=keys) for test, keys in found.items()}
    return listed.replace(data=tree)


def _unread(value: Value, why: str) -> Value:
    return value.replace(data=Unknown("module", why, span=value.span))
