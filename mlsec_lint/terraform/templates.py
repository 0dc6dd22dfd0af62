"""Templates: literal text, interpolations, directives; structure kept past unknowns.

A template with unknown parts is an Unknown whose `parts` are its literal texts and
those unknowns, so that an ARN built around one unknown name is still an ARN.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.parse.hcl import tree
from mlsec_lint.terraform import loops, values
from mlsec_lint.terraform.compiler import Constant
from mlsec_lint.terraform.conditionals import attempt, choose
from mlsec_lint.terraform.convert import convert
from mlsec_lint.terraform.errors import BoundExceededError, EvaluationError
from mlsec_lint.terraform.scope import MAX_POSSIBLE, bounded, refused
from mlsec_lint.terraform.types import STRING
from mlsec_lint.value import Bounds, Step, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.source import Span
    from mlsec_lint.terraform.compiler import Compiler
    from mlsec_lint.terraform.scope import Code, Scope

MAX_PARTS = 400


def template(compiler: Compiler, node: tree.Template, names: frozenset[str]) -> Code:
    """Code for a quoted or heredoc template."""
    parts = node.parts
    if (
        len(parts) == 1
        and isinstance(parts[0], tree.Interpolation)
        and not node.heredoc
    ):
        return compiler.compile(parts[0].expression, names)
    return sequence(compiler, parts, names, compiler.span(node))


def sequence(
    compiler: Compiler,
    parts: Sequence[tree.TemplatePart],
    names: frozenset[str],
    span: Span,
) -> Code:
    """Code that joins parts to one string."""
    if len(parts) == 1 and isinstance(parts[0], tree.Text):
        text = values.string(parts[0].value, span)
        if not _may_be_document(text.data):
            return Constant(text)
    codes = [_part(compiler, part, names) for part in parts]
    constants = [code.value for code, _ in codes if isinstance(code, Constant)]
    if len(constants) == len(codes) and all(v.type is STRING for v in constants):
        return Constant(join(constants, span))
    return lambda scope: _joined(codes, scope, span)


def _part(
    compiler: Compiler, part: tree.TemplatePart, names: frozenset[str]
) -> tuple[Code, Span]:
    span = compiler.span(part)
    if isinstance(part, tree.Text):
        text = values.string(part.value, span)
        return Constant(text.replace(origin=("text", Value(part.pieces)))), span
    if isinstance(part, tree.Interpolation):
        return compiler.compile(part.expression, names), compiler.span(part.expression)
    if isinstance(part, tree.IfDirective):
        return _if_directive(compiler, part, names), span
    return _for_directive(compiler, part, names), span


def _if_directive(
    compiler: Compiler, node: tree.IfDirective, names: frozenset[str]
) -> Code:
    span = compiler.span(node)
    at = compiler.span(node.condition)
    condition = compiler.compile(node.condition, names)
    branches = (
        sequence(compiler, node.then, names, span),
        sequence(compiler, node.otherwise, names, span),
    )

    def code(scope: Scope) -> Value:
        outcomes = tuple(attempt(branch, scope) for branch in branches)
        return choose(condition(scope), outcomes, scope, span, at)

    return code


def _for_directive(
    compiler: Compiler, node: tree.ForDirective, names: frozenset[str]
) -> Code:
    span = compiler.span(node)
    at = compiler.span(node.collection)
    collection = compiler.compile(node.collection, names)
    inner = names | {node.value} | ({node.key} if node.key else set())
    body = sequence(compiler, node.body, inner, span)
    key_name, value_name = node.key, node.value

    def code(scope: Scope) -> Value:
        over = collection(scope)
        items = loops.rounds(over, at)
        if items is None:
            reason = values.derived(over.data)
            return Value(reason, span, type=STRING, sensitive=over.sensitive)
        scope.module.spend(loops.ROUND * len(items))
        if len(items) > loops.MAX_ROUNDS:
            raise BoundExceededError("a loop over too many elements")
        pieces = []
        for key, value in items:
            here = scope.copy()
            here.names = {**scope.names, value_name: value}
            if key_name is not None:
                here.names[key_name] = key
            pieces.append(body(here))
        return values.mark(join(pieces, span), sensitive=over.sensitive)

    return code


def _joined(codes: list[tuple[Code, Span]], scope: Scope, span: Span) -> Value:
    pieces = []
    for code, at in codes:
        try:
            pieces.append(_text_of(code(scope), at))
        except EvaluationError as error:
            scope.problems.append(error)
            pieces.append(refused(error, at))
    made = join(pieces, span)
    if isinstance(made.data, str):
        scope.module.spend(len(made.data) // 32)
    return made


def _text_of(value: Value, at: Span) -> Value:
    if value.type is STRING and value.data is not None:
        return value
    if value.data is None:
        raise EvaluationError(
            "Invalid template interpolation value",
            "The expression result is null. Cannot include a null value in a string template.",
            at,
        )
    try:
        return convert(value, STRING)
    except EvaluationError as error:
        words = f"Cannot include the given value in a string template: {error.detail}."
        raise EvaluationError(
            "Invalid template interpolation value", words, at
        ) from None


def join(pieces: Sequence[Value], span: Span | None) -> Value:
    """The strings one after the other; an Unknown with parts when one is unknown."""
    sensitive = any(piece.sensitive for piece in pieces)
    data: str | Unknown
    if any(isinstance(piece.data, Unknown) for piece in pieces):
        data = _with_parts(pieces)
    else:
        data = values.string("".join([piece.data for piece in pieces])).data
    origin = None
    if any(_may_be_document(piece.data) for piece in pieces):
        origin = ("template", Value(tuple(pieces), span))
    return Value(
        data,
        span,
        type=STRING,
        sensitive=sensitive,
        trail=_trail(pieces),
        origin=origin,
    )


def _may_be_document(data: object) -> bool:
    """Whether a text may hold JSON, YAML or a script, so that its lines matter."""
    return isinstance(data, str) and ("\n" in data or data[:1] in ("{", "["))


def _trail(pieces: Sequence[Value]) -> tuple[Step, ...]:
    steps = [step for piece in pieces for step in piece.trail]
    return bounded(tuple(steps)) if steps else ()


def _with_parts(pieces: Sequence[Value]) -> Unknown:
    parts: list[str | Unknown] = []
    first: Unknown | None = None
    for piece in pieces:
        data = piece.data
        if isinstance(data, Unknown):
            first = data if first is None else first
            inner: Sequence[str | Unknown] = data.parts or (data,)
        else:
            inner = (data,)
        for part in inner:
            if isinstance(part, str) and parts and isinstance(parts[-1], str):
                parts[-1] += part
            elif part != "":
                parts.append(part)
    assert first is not None
    prefix = parts[0] if isinstance(parts[0], str) else ""
    if not prefix and isinstance(parts[0], Unknown) and parts[0].bounds is not None:
        prefix = parts[0].bounds.prefix
    return Unknown(
        first.kind,
        first.why,
        first.name,
        parts=tuple(parts) if len(parts) <= MAX_PARTS else (),
        possible=_possible(pieces),
        span=first.span,
        bounds=Bounds(not_null=True, prefix=prefix),
    )


def _possible(pieces: Sequence[Value]) -> tuple[Value, ...] | None:
    """All texts, where exactly one part is unknown and its values are few and known."""
    unknown = [i for i, piece in enumerate(pieces) if isinstance(piece.data, Unknown)]
    if len(unknown) != 1:
        return None
    at = unknown[0]
    alternatives = pieces[at].data.possible
    if alternatives is None or len(alternatives) > MAX_POSSIBLE:
        return None
    found = []
    for alternative in alternatives:
        if not isinstance(alternative.data, str):
            return None
        texts = [alternative if i == at else piece for i, piece in enumerate(pieces)]
        found.append(alternative.replace(data="".join([text.data for text in texts])))
    return tuple(found)
