"""`count` and `for_each`: the instances of a resource or module call."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.terraform import values
from mlsec_lint.terraform.convert import convert
from mlsec_lint.terraform.errors import EvaluationError
from mlsec_lint.terraform.number import to_integer
from mlsec_lint.terraform.run import MAX_REPEAT
from mlsec_lint.terraform.scope import kind_of, safe_type_of
from mlsec_lint.terraform.traversal import unknown_step
from mlsec_lint.terraform.types import DYNAMIC, NUMBER, STRING
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.configuration import Content, Item
    from mlsec_lint.terraform.run import Files, Run
    from mlsec_lint.terraform.scope import Scope


class Instance(NamedTuple):
    """One instance: its key and what `each` and `count.index` are in it.

    `certain` is False for the one symbolic instance of an unknown repetition, which
    has the key that it would have if there can be one only, else `*`.
    """

    key: str | int | None
    each: tuple[Value, Value] | None = None
    number: Value | None = None
    certain: bool = True


class Repetition(NamedTuple):
    """All instances; `mode` is "", "count" or "for_each"; `doubt` why it is unknown.

    `at_most_one` says of a doubtful repetition that there is one instance or none.
    """

    mode: str
    instances: list[Instance]
    doubt: Unknown | None = None
    span: Span | None = None
    at_most_one: bool = False


SINGLE = Repetition("", [Instance(None)])


def repetition(files: Files, content: Content, scope: Scope) -> Repetition:
    """The instances that a block's count or for_each makes."""
    count = content.attributes.get("count")
    for_each = content.attributes.get("for_each")
    if count is not None and for_each is not None:
        words = 'The "count" and "for_each" meta-arguments are mutually-exclusive, only one should be used.'
        error = 'Invalid combination of "count" and "for_each"'
        scope.problems.append(EvaluationError(error, words, for_each.key))
    if for_each is not None:
        return _for_each(_evaluate(files, for_each, scope), for_each.span, scope)
    if count is not None:
        return _count(_evaluate(files, count, scope), count.span, scope)
    return SINGLE


def note_doubt(run: Run, what: str, repeated: Repetition) -> None:
    """Say once for each block that it is not known how many instances there are.

    Terraform refuses to plan where this depends on what is known only after apply.
    """
    doubt = repeated.doubt
    if doubt is not None and doubt.kind != "error":
        text = f"{repeated.mode} of {what} is not known: it depends on a {doubt.kind}."
        run.note("repeat-unknown", text, repeated.span)


def _evaluate(files: Files, item: Item, scope: Scope) -> Value:
    return files.expression(item.source, item.node.expression).evaluate(scope)


def _complain(scope: Scope, mode: str, words: str, span: Span) -> Unknown:
    summary = f"Invalid {mode} argument"
    scope.problems.append(EvaluationError(summary, words, span))
    return Unknown("error", summary, span=span)


def _count(value: Value, span: Span, scope: Scope) -> Repetition:
    if value.data is None:
        words = 'The given "count" argument value is null. An integer is required.'
        return _doubtful_count(_complain(scope, "count", words, span), value, span)
    if value.sensitive:
        words = 'Sensitive values, or values derived from sensitive values, cannot be used as "count" arguments. If used, the sensitive value could be exposed as a resource instance key.'
        _complain(scope, "count", words, span)
    try:
        number = convert(value, NUMBER).data
    except EvaluationError as error:
        words = f'The given "count" argument value is unsuitable: {error.detail}.'
        return _doubtful_count(_complain(scope, "count", words, span), value, span)
    if isinstance(number, Unknown):
        return _doubtful_count(number, value, span)
    times = to_integer(number)
    if times is None or times < 0:
        words = f'The given "count" argument value is unsuitable: {number} is no whole number that is not negative.'
        return _doubtful_count(_complain(scope, "count", words, span), value, span)
    if times > MAX_REPEAT:
        doubt = Unknown("bound", f"{times} instances are too many", span=span)
        return _doubtful_count(doubt, value, span)
    instances = [Instance(i, number=Value(i, span, type=NUMBER)) for i in range(times)]
    return Repetition("count", instances, span=span)


def _doubtful_count(doubt: Unknown, value: Value, span: Span) -> Repetition:
    """One symbolic instance; its index is known where there can only be one."""
    one = doubt.possible is not None and all(
        isinstance(n.data, int) and n.data <= 1 for n in doubt.possible
    )
    index = Value(values.derived(doubt), span, type=NUMBER, trail=value.trail)
    if one:
        index = Value(0, span, type=NUMBER, trail=value.trail)
    instance = Instance("*", number=index, certain=False)
    return Repetition("count", [instance], doubt, span, at_most_one=one)


def _for_each(value: Value, span: Span, scope: Scope) -> Repetition:
    words = _unsuitable(value)
    if value.sensitive:
        _complain(
            scope,
            "for_each",
            "Sensitive values, or values derived from sensitive values, cannot be used as for_each arguments. If used, the sensitive value could be exposed as a resource instance key.",
            span,
        )
    if words:
        doubt = _complain(scope, "for_each", words, span)
        return _doubtful_each(doubt, value, span)
    unknown = value.unknown
    if unknown is None and kind_of(value) == "set":
        unknown = next((e.unknown for e in value.data if e.unknown is not None), None)
    if unknown is not None:
        return _doubtful_each(unknown, value, span)
    items = values.items_in_order(value)
    if len(items) > MAX_REPEAT:
        doubt = Unknown("bound", f"{len(items)} instances are too many", span=span)
        return _doubtful_each(doubt, value, span)
    return Repetition("for_each", [_instance(*item) for item in items], span=span)


def _instance(key: Value, value: Value, *, certain: bool = True) -> Instance:
    name = key.data
    key = Value(key.data, key.span, type=STRING, trail=key.trail)
    return Instance(name, (key, value), certain=certain)


def _unsuitable(value: Value) -> str:
    """Why Terraform refuses this for_each, or ""."""
    if value.data is None:
        return 'The given "for_each" argument value is unsuitable: the given "for_each" argument value is null. A map, or set of strings is allowed.'
    type_ = safe_type_of(value)
    if type_.kind not in ("map", "object", "set", "dynamic"):
        return f'The given "for_each" argument value is unsuitable: the "for_each" argument must be a map, or set of strings, and you have provided a value of type {type_.friendly()}.'
    if type_.kind == "set":
        if type_.element.kind not in ("string", "dynamic"):
            return f'The given "for_each" argument value is unsuitable: "for_each" supports maps and sets of strings, but you have provided a set containing type {type_.element.friendly()}.'
        if any(element.data is None for element in value.elements()):
            return 'The given "for_each" argument value is unsuitable: "for_each" sets must not contain null values.'
    return ""


def _doubtful_each(doubt: Unknown, value: Value, span: Span) -> Repetition:
    """One symbolic instance; its key is known where there can only be one."""
    found: dict[str, Instance] = {}
    closed = doubt.possible is not None
    for possible in doubt.possible or ():
        if possible.unknown is None and isinstance(possible.data, dict | tuple):
            for key, element in values.items_in_order(possible):
                if isinstance(key.data, str):
                    found[key.data] = _instance(key, element, certain=False)
        else:
            closed = False
    if closed and len(found) == 1:
        instances = list(found.values())
        return Repetition("for_each", instances, doubt, span, at_most_one=True)
    key = Value(values.derived(doubt), span, type=STRING)
    element = Value(values.derived(doubt), span, type=DYNAMIC)
    if isinstance(value.data, Unknown):
        element = unknown_step(value, None, DYNAMIC, span)
    certain, left = _elements(value)
    if left:
        key = element = _one_of(left, doubt, span)
    instance = Instance("*", (key, element), certain=False)
    return Repetition("for_each", [*certain, instance], doubt, span)


def _elements(value: Value) -> tuple[list[Instance], list[Value]]:
    """The certain instances of a set in part unknown, and its unknown elements.

    Of a set of which not all elements are known to be listed no unknown one is given.
    """
    origin = value.origin
    among = origin[1] if origin is not None and origin[0] == "among" else value
    known = {e.data: e for e in among.elements() if isinstance(e.data, str)}
    if len(known) > MAX_REPEAT:
        return [], []
    closed = value.unknown is None
    left = [e for e in among.elements() if e.unknown is not None] if closed else []
    return [_instance(known[name], known[name]) for name in sorted(known)], left


def _one_of(elements: list[Value], doubt: Unknown, span: Span) -> Value:
    """What stands for some unknown elements of a set: the only one, or any of them."""
    if len(elements) == 1:
        only = elements[0]
        return Value(only.data, only.span, type=STRING, trail=only.trail)
    few = tuple(elements) if len(elements) <= values.MAX_POSSIBLE else None
    return Value(values.derived(doubt)._replace(possible=few), span, type=STRING)
