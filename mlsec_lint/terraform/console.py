"""One expression in the surroundings of a root: what Terraform's console would say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsec_lint.parse.hcl.parser import parse_config
from mlsec_lint.source import Source, Span
from mlsec_lint.terraform import roots
from mlsec_lint.terraform import variables as root_variables
from mlsec_lint.terraform.errors import EvaluationError
from mlsec_lint.terraform.forms import type_text, value_json
from mlsec_lint.terraform.module import settle
from mlsec_lint.terraform.number import Number, is_infinite
from mlsec_lint.terraform.scope import Scope, safe_type_of
from mlsec_lint.terraform.values import walk
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsec_lint.source import Note
    from mlsec_lint.terraform.compiler import Expression
    from mlsec_lint.terraform.module import Module

# The expression is read as a local of a file of its own, so that line ends mean what
# they mean in a configuration; ranges in that file have the expression at line 2.
FILE = "r.tf"
NAME = "r__"
HEAD = f"locals {{\n  {NAME} = "


class Result:
    """The value of an expression, or what Terraform would refuse.

    `value` is there in both cases (an Unknown of kind error in the second); `errors`
    and `phase` ("parse", "validate" or "plan") tell of the refusal.
    """

    def __init__(
        self, value: Value, errors: list[EvaluationError], phase: str, notes: list[Note]
    ) -> None:
        self.value = value
        self.errors = errors
        self.phase = phase
        self.notes = notes

    def to_json(self) -> dict[str, Any]:
        """The oracle's form: value, type, unknown and sensitive masks, or the error."""
        if self.errors:
            return {
                "error": True,
                "phase": self.phase,
                "diagnostics": [diagnostic(error) for error in self.errors],
            }
        if _has_infinity(self.value):
            text = type_text(safe_type_of(self.value))
            return {"not_serialisable": True, "console_text": text}
        made = value_json(self.value)
        if "type" not in made:
            made["type_text"] = type_text(safe_type_of(self.value))
        return made


def _has_infinity(value: Value) -> bool:
    return any(
        isinstance(part.data, Number) and is_infinite(part.data) for part in walk(value)
    )


def diagnostic(error: EvaluationError) -> dict[str, Any]:
    """A refusal in the form of Terraform's JSON diagnostics."""
    made: dict[str, Any] = {
        "severity": "error",
        "summary": error.summary,
        "detail": error.detail,
    }
    if error.span is not None:
        made["range"] = _range(error.span)
    return made


def _range(span: Span) -> dict[str, Any]:
    place = span.resolved()
    source = place.source
    return {
        "filename": source.path,
        "start": {
            "line": place.line,
            "column": place.column,
            "byte": source.byte_offset(place.start),
        },
        "end": {
            "line": place.end_line,
            "column": place.end_column,
            "byte": source.byte_offset(place.end),
        },
    }


def evaluate(
    directory: str,
    expression: str,
    variables: Mapping[str, str] | None = None,
    workspace: str = "default",
    *,
    within: str = "",
) -> Result:
    """The value of an HCL expression in the root module that the folder holds.

    `variables` maps names to HCL text; `within` is the folder that may be read, the
    directory itself by default. What Terraform refuses, in the expression or in
    what it depends on, is an error of the result and never raised.
    """
    return evaluate_in(
        roots.module_of(directory, variables, workspace, within=within), expression
    )


def evaluate_in(module: Module, text: str) -> Result:
    """The value of an expression in a module that is loaded already."""
    source = Source(FILE, f"{HEAD}{text}\n}}\n")
    body, notes = parse_config(source)
    if notes:
        return _refused([_from_note(note) for note in notes], "parse")
    block = body.blocks[0] if body.blocks else None
    if block is None or len(body.blocks) > 1 or list(block.body.attributes) != [NAME]:
        words = "An expression ends where its line ends."
        error = EvaluationError("Invalid expression", words, Span(source, 0, 0))
        return _refused([error], "parse")
    files = module.run.files
    files.folder(module.folder.path)
    broken = [
        _from_note(note)
        for notes in files.notes.values()
        for note in notes
        if note.kind == "syntax-error"
    ]
    if broken:
        return _refused(broken, "parse")
    node = block.body.attributes[NAME].expression
    return _evaluated(module, files.expression(source, node))


def _refused(errors: list[EvaluationError], phase: str) -> Result:
    unknown = Unknown("error", errors[0].summary, span=errors[0].span)
    return Result(Value(unknown, errors[0].span), errors, phase, [])


def _from_note(note: Note) -> EvaluationError:
    summary, _, detail = note.text.partition(": ")
    return EvaluationError(summary, detail, note.span)


def _evaluated(module: Module, expression: Expression) -> Result:
    run = module.run
    for reference in expression.references:
        _declared(module, reference.kind, reference.key)
    scope = Scope(module)
    static = [error for r in expression.references if (error := scope.check(r))]
    for other, key in module.needed(module.declared(expression.references)):
        settle(other, key)
    value = expression.evaluate(scope)
    before = len(run.errors)
    invalid = _validate(module)
    errors = [*map(_from_note, _loading(module)), *run.errors[:before]]
    errors += [e for e in scope.problems if e not in static]
    errors = [*static, *errors, *run.errors[before:]]
    phase = "validate"
    if invalid or (not static and module.reached_resources()):
        phase = "plan"
    return Result(value, _distinct(errors), phase, run.notes)


def _declared(module: Module, kind: str, key: object) -> None:
    """Variables that an expression names are read even where nothing else does."""
    if kind == "var" and key in module.folder.variables:
        module.settled((kind, str(key)))


def _loading(module: Module) -> list[Note]:
    """What Terraform refuses when it loads the root."""
    return [n for n in module.folder.notes if n.kind == "evaluation-error"]


def _validate(module: Module) -> bool:
    """Check the validation rules of the variables that were read."""
    before = len(module.run.errors)
    for name in module.folder.variables:
        if module.is_settled(("var", name)):
            root_variables.validate(module, name)
    return len(module.run.errors) > before


def _distinct(errors: list[EvaluationError]) -> list[EvaluationError]:
    seen: dict[tuple[object, ...], EvaluationError] = {}
    for error in errors:
        span = error.span
        at = (span.source.path, span.start, span.end) if span is not None else ()
        seen.setdefault((error.summary, error.detail, *at), error)
    return list(seen.values())
