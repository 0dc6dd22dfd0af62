"""What Terraform checks besides values: conditions, versions, schemas it knows itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.parse.hcl import tree
from mlsec_lint.patterns import regex
from mlsec_lint.source import Span
from mlsec_lint.terraform import builtin, values
from mlsec_lint.terraform.configuration import Item
from mlsec_lint.terraform.ephemeral import is_ephemeral
from mlsec_lint.terraform.errors import EvaluationError
from mlsec_lint.terraform.literals import flag, literal_text, reference_words
from mlsec_lint.terraform.references import subject
from mlsec_lint.terraform.scope import Reference, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.terraform.configuration import Content, Declaration, Part
    from mlsec_lint.terraform.module import Module
    from mlsec_lint.value import Value

# The release whose semantics this evaluator has.
VERSION = (1, 11, 4)
_CONSTRAINT = regex(r"\s*(>=|<=|~>|!=|=|>|<)?\s*v?(\d{1,9}(?:\.\d{1,9}){0,2})\S*\s*\Z")


def meets(constraint: str, version: tuple[int, ...] = VERSION) -> bool | None:
    """Whether the version is allowed; None for text that is no constraint."""
    verdict = True
    for clause in constraint.split(","):
        found = _CONSTRAINT.match(clause)
        if found is None:
            return None
        operator, text = found.group(1) or "=", found.group(2)
        wanted = tuple(map(int, text.split(".")))
        verdict = verdict and _compare(operator, version, wanted)
    return verdict


def _compare(operator: str, have: tuple[int, ...], given: tuple[int, ...]) -> bool:
    want = (*given, 0, 0, 0)[:3]
    match operator:
        case ">=":
            return have >= want
        case "<=":
            return have <= want
        case ">":
            return have > want
        case "<":
            return have < want
        case "!=":
            return have != want
        case "~>":
            fixed = max(1, len(given) - 1)
            return have >= want and have[:fixed] == want[:fixed]
        case _:
            return have == want


def required_version(module: Module) -> None:
    """Note that Terraform 1.11 would not run this configuration at all."""
    item = module.folder.required_version
    text = literal_text(item.node.expression) if item is not None else None
    if item is None or text is None or meets(text) is not False:
        return
    words = (
        f"This configuration asks for Terraform {text}; it is read as 1.11 reads it."
    )
    error = EvaluationError("Unsupported Terraform Core version", words, item.span)
    module.run.errors.append(error)
    module.run.note("terraform-version", words, item.span)


def depends_on(module: Module, content: Content) -> None:
    """Names in depends_on that are not declared."""
    for reference in references_of(content, "depends_on"):
        error = module.check(reference)
        if error is not None:
            module.run.problem(error)


def references_of(content: Content, argument: str) -> Iterator[Reference]:
    """The objects that a list of references names, quoted or not."""
    item = content.attributes.get(argument)
    node = item.node.expression if item is not None else None
    if item is None or not isinstance(node, tree.Tuple):
        return
    for part in node.items:
        words = reference_words(part)
        if words:
            kind, key, used = subject(words)
            if kind == "module":
                key = (words[1], "", "")
            span = Span(item.source, part.start, part.end)
            yield Reference(kind, key, span, words[used + 1 :])


def schema(module: Module, declaration: Declaration, meta: frozenset[str]) -> None:
    """Arguments and blocks that a built-in resource type does not have."""
    known = builtin.SCHEMAS[declaration.labels[0]]
    content = declaration.content
    for name, item in content.attributes.items():
        if name not in known and name not in meta:
            words = f'An argument named "{name}" is not expected here.'
            error = EvaluationError("Unsupported argument", words, item.key)
            module.run.problem(error)
    for part in content.blocks:
        if part.node.type not in meta:
            words = "Blocks of this type are not expected here."
            error = EvaluationError("Unsupported block type", words, part.header)
            module.run.problem(error)


def ephemeral_use(module: Module, content: Content, meta: frozenset[str]) -> None:
    """Ephemeral values in arguments that are kept; `_wo` arguments are not."""
    for name, item in content.attributes.items():
        if name in meta or name.endswith("_wo"):
            continue
        expression = module.run.files.expression(item.source, item.node.expression)
        if any(is_ephemeral(module, r) for r in expression.exposed()):
            words = f'Ephemeral values are not valid for "{name}", because it is not a write-only attribute and must be persisted to state.'
            error = EvaluationError("Invalid use of ephemeral value", words, item.span)
            module.run.problem(error)


def _conditions(content: Content) -> Iterator[tuple[str, Part]]:
    for outer in content.of_type("lifecycle"):
        for block in outer.node.body.blocks:
            if block.type in ("precondition", "postcondition"):
                yield block.type, outer._replace(node=block)


def of_resource(
    module: Module, declaration: Declaration, scope: Scope, value: Value
) -> None:
    """The preconditions and postconditions of one instance."""
    for kind, part in _conditions(declaration.content):
        inside = scope.copy()
        if kind == "postcondition":
            inside.this = value
        _hold(module, part, inside, f"Resource {kind} failed")


ARGUMENTS = {
    "variable": frozenset(
        [
            "description",
            "type",
            "default",
            "sensitive",
            "nullable",
            "ephemeral",
            "deprecated",
        ]
    ),
    "output": frozenset(
        ["description", "value", "sensitive", "ephemeral", "depends_on", "deprecated"]
    ),
}
RESERVED = frozenset(
    [
        "source",
        "version",
        "providers",
        "count",
        "for_each",
        "lifecycle",
        "depends_on",
        "locals",
    ]
)


def arguments(module: Module, declaration: Declaration) -> None:
    """Arguments and names that a variable or output cannot have."""
    for name, item in declaration.content.attributes.items():
        if name not in ARGUMENTS[declaration.kind]:
            words = f'An argument named "{name}" is not expected here.'
            error = EvaluationError("Unsupported argument", words, item.key)
            module.run.problem(error)
    if declaration.kind == "variable" and declaration.name in RESERVED:
        words = f'The variable name "{declaration.name}" is reserved due to its special meaning inside module blocks.'
        error = EvaluationError("Invalid variable name", words, declaration.header)
        module.run.problem(error)


def of_output(module: Module, declaration: Declaration, value: Value) -> None:
    """The preconditions of an output, and what it may show."""
    content = declaration.content
    item = content.attributes["value"]
    ephemeral = flag(content, "ephemeral")
    if module.call is None and not flag(content, "sensitive"):
        if values.any_sensitive(value):
            words = "To reduce the risk of accidentally exporting sensitive data that was intended to be only internal, Terraform requires that any root module output containing sensitive data be explicitly marked as sensitive, to confirm your intent."
            error = EvaluationError(
                "Output refers to sensitive values", words, declaration.header
            )
            module.run.problem(error)
    if module.run.files.ephemeral and not ephemeral:
        expression = module.run.files.expression(item.source, item.node.expression)
        if any(is_ephemeral(module, r) for r in expression.exposed()):
            words = "This output value is not declared as returning an ephemeral value, so it cannot be set to a result derived from an ephemeral value."
            error = EvaluationError("Ephemeral value not allowed", words, item.span)
            module.run.problem(error)
    if ephemeral and module.call is None:
        words = "Ephemeral outputs are not allowed in context of a root module"
        error = EvaluationError("Ephemeral output not allowed", words, item.span)
        module.run.problem(error)
    for part in declaration.content.of_type("precondition"):
        _hold(module, part, Scope(module), "Module output value precondition failed")


def _hold(module: Module, part: Part, scope: Scope, summary: str) -> None:
    node = part.node.body.attributes.get("condition")
    if node is None:
        return
    item = Item(part.source, node)
    value = module.evaluate(item, scope)
    if value.data is not False:
        return
    message = part.node.body.attributes.get("error_message")
    words = "the condition is not met"
    if message is not None:
        text = module.evaluate(Item(part.source, message), scope)
        if isinstance(text.data, str) and not text.sensitive:
            words = text.data
    module.run.problem(EvaluationError(summary, words, item.span))
