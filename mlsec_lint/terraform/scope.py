"""What an expression may see while it is evaluated: names, repetition, its module.

A Scope is cheap; a loop makes one per element. Errors that do not stop the rest of an
expression are collected in `problems`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from mlsec_lint.terraform.errors import BoundExceededError, EvaluationError
from mlsec_lint.terraform.types import DYNAMIC, Type, type_of
from mlsec_lint.terraform.values import summary
from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypeAlias

    from mlsec_lint.source import Span
    from mlsec_lint.terraform.compiler import Expression
    from mlsec_lint.terraform.functions.context import FunctionContext

MAX_TRAIL = 8
MAX_POSSIBLE = 16
# What an expression builds has no more parts: every look at it costs time. The largest
# that terraform-aws-eks, mlstacks and accelerated-platforms build has 152 (2026-03).
MAX_BUILT = 40_000


class ExhaustedError(BoundExceededError):
    """The whole evaluation was too much work: nothing in it is to go on."""


class Reference(NamedTuple):
    """The object that a traversal names: its kind, its key, and the span of all steps.

    `kind` is var, local, module, resource, each, count, self, path, terraform or bad;
    `key` the name, for resources (mode, type, name), for modules (call, output or "").
    `rest` holds the literal steps behind it, as far as they are literal.
    """

    kind: str
    key: str | tuple[str, ...]
    span: Span
    rest: tuple[str | int, ...] = ()


class Settled(NamedTuple):
    """The value of a named object, and the words for the step that it is."""

    value: Value
    words: str = ""


class Resolver(Protocol):
    """A module instance, as expressions see it."""

    @property
    def functions(self) -> FunctionContext:
        """What the functions may ask of the outside."""

    @property
    def seen(self) -> dict[int, Value]:
        """Values of whole references by the identity of their code, for this module."""

    @property
    def sound(self) -> dict[int, Expression | Reference]:
        """Names and expressions of this folder that were checked, by their identity.

        They are kept, so that no other object can get the same one.
        """

    def resolve(self, reference: Reference) -> Settled:
        """The object that the reference names. Raises EvaluationError."""

    def spend(self, parts: int) -> None:
        """Count work; BoundExceededError when there was more than anybody needs."""

    def declares_provider(self, name: str) -> bool:
        """Whether required_providers has an entry of that name."""

    def is_ephemeral(self, reference: Reference) -> bool:
        """Whether the reference carries an ephemeral value."""

    def check(self, reference: Reference) -> EvaluationError | None:
        """What Terraform would refuse about the reference before evaluating anything."""


REPETITION = {
    "each": (
        'Reference to "each" in context without for_each',
        'The "each" object can be used only in "module" or "resource" blocks, and only when the "for_each" argument is set.',
    ),
    "count": (
        'Reference to "count" in non-counted context',
        'The "count" object can only be used in "module", "resource", and "data" blocks, and only when the "count" argument is set.',
    ),
    "self": (
        'Invalid "self" reference',
        'The "self" object is not available in this context. This object can be used only in resource provisioner, connection, and postcondition blocks.',
    ),
}
_ATTRIBUTES = {"each": ("key", "value"), "count": ("index",)}


def repetition_error(reference: Reference, *, there: bool) -> EvaluationError | None:
    """What is wrong with a reference to each, count or self."""
    kind, key = reference.kind, reference.key
    if kind in _ATTRIBUTES and key not in _ATTRIBUTES[kind]:
        words = f'The "{kind}" object does not have an attribute named "{key}".'
        return EvaluationError(f'Invalid "{kind}" attribute', words, reference.span)
    if there:
        return None
    summary, words = REPETITION[kind]
    return EvaluationError(summary, words, reference.span)


class Scope:
    """The surroundings of one evaluation."""

    __slots__ = ("count", "each", "item", "module", "names", "problems", "this")

    def __init__(
        self,
        module: Resolver,
        names: dict[str, Value] | None = None,
        *,
        each: tuple[Value, Value] | None = None,
        count: Value | None = None,
        this: Value | None = None,
        problems: list[EvaluationError] | None = None,
    ) -> None:
        self.module = module
        self.names: dict[str, Value] = names or {}
        self.each = each
        self.count = count
        self.this = this
        self.problems: list[EvaluationError] = problems if problems is not None else []
        self.item: Value | None = None

    def check(self, reference: Reference) -> EvaluationError | None:
        """What is wrong with a reference, whatever the expression does with it.

        `try` cannot help: Terraform looks all names up before it evaluates anything.
        """
        kind = reference.kind
        if kind not in REPETITION:
            return self.module.check(reference)
        there = self.each if kind == "each" else self.count
        if kind == "self":
            there = self.this
        return repetition_error(reference, there=there is not None)

    def child(self, **names: Value) -> Scope:
        """The same surroundings with more names."""
        made = self.copy()
        made.names = {**self.names, **names}
        return made

    def copy(self) -> Scope:
        """The same surroundings, with the same list of problems."""
        made = Scope.__new__(Scope)
        made.module = self.module
        made.names = self.names
        made.each = self.each
        made.count = self.count
        made.this = self.this
        made.problems = self.problems
        made.item = self.item
        return made


Code: TypeAlias = "Callable[[Scope], Value]"


def bounded(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The nearest steps of a trail, each once."""
    if len(steps) <= 1:
        return steps
    seen: dict[Span, Step] = {}
    for step in steps:
        seen.setdefault(step.span, step)
    if len(seen) == len(steps) <= MAX_TRAIL:
        return steps
    return tuple(seen.values())[:MAX_TRAIL]


def refused(error: EvaluationError, span: Span | None = None) -> Value:
    """The value of an expression that Terraform would refuse."""
    at = error.span or span
    return Value(Unknown("error", error.summary, span=at), span)


def kind_of(value: Value) -> str:
    """The kind of a value's type; cheap, since it does not look inside."""
    if isinstance(value.type, Type):
        return value.type.kind
    if isinstance(value.data, dict):
        return "object"
    if isinstance(value.data, tuple):
        return "tuple"
    return type_of(value).kind


def safe_type_of(value: Value) -> Type:
    """The type of a value; dynamic where it is larger or deeper than we follow."""
    try:
        return type_of(value)
    except (BoundExceededError, RecursionError):
        return DYNAMIC


def weigh(elements: Iterable[Value]) -> None:
    """BoundExceededError when a value would have more parts than we build."""
    total = sum([summary(element)[0] for element in elements])
    if total > MAX_BUILT:
        raise BoundExceededError(f"a value of more than {MAX_BUILT} parts")


def possible_values(*values: Value) -> tuple[Value, ...] | None:
    """The set of what several alternatives can be; None where it is not bounded."""
    found: list[Value] = []
    for value in values:
        unknown = value.unknown
        if unknown is not None and unknown.possible is not None:
            found.extend(unknown.possible)
        else:
            found.append(value)
    return tuple(found) if len(found) <= MAX_POSSIBLE else None


def with_key(value: Value, key: Span) -> Value:
    """The value as the element of that name."""
    made = Value(
        value.data,
        value.span,
        key=key,
        type=value.type,
        trail=value.trail,
        sensitive=value.sensitive,
        symbol=value.symbol,
        origin=value.origin,
    )
    made.summary = value.summary
    return made
