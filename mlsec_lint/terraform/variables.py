"""The value of a variable: given, by default, or Unknown with its possible values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mlsec_lint.parse.hcl import tree
from mlsec_lint.parse.hcl.height import children
from mlsec_lint.source import Span
from mlsec_lint.terraform import operations, values
from mlsec_lint.terraform.convert import convert_with_defaults
from mlsec_lint.terraform.errors import EvaluationError
from mlsec_lint.terraform.files import ConstantModule
from mlsec_lint.terraform.inputs import parsed
from mlsec_lint.terraform.literals import flag, literal_text
from mlsec_lint.terraform.scope import Scope, Settled, refused
from mlsec_lint.terraform.traversal import Open, attribute, holds_open
from mlsec_lint.terraform.typeexpr import TypeReader
from mlsec_lint.terraform.types import DYNAMIC, Type
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsec_lint.source import Source
    from mlsec_lint.terraform.configuration import Declaration, Item
    from mlsec_lint.terraform.inputs import Given
    from mlsec_lint.terraform.module import Module

MAX_LISTED = 64


def settle(module: Module, name: str) -> Settled:
    """The variable's value in this module instance."""
    declaration = module.folder.variables[name]
    if not _is_given(module, name) and "default" in declaration.content.attributes:
        return _once(module, declaration, lambda: _settle(module, name, declaration))
    return _settle(module, name, declaration)


def _is_given(module: Module, name: str) -> bool:
    """Whether the call or, for a root, its inputs give the variable a value."""
    call = module.call
    if call is not None and name in call.declaration.content.attributes:
        return True
    return name in module.given


def _once(
    module: Module, stated: Declaration | Item, make: Callable[[], Settled]
) -> Settled:
    """The default of a variable, which is the same in every instance of its module.

    What gave cause for a note, or was work to count, is made anew each time.
    """
    known = module.run.files.defaults.get(id(stated))
    if known is None:
        run = module.run
        before = len(run.errors), run.spent
        known = make()
        if before == (len(run.errors), run.spent):
            run.files.defaults[id(stated)] = known
    return known


def _settle(module: Module, name: str, declaration: Declaration) -> Settled:
    wanted = constraint(module, declaration)
    value, words = _raw(module, name, declaration, wanted)
    value = _fitted(module, name, value, wanted)
    content = declaration.content
    if value.data is None and not flag(content, "nullable", default=True):
        value, words = _without_null(module, name, declaration, wanted, value, words)
    if flag(content, "sensitive"):
        value = values.mark(value, sensitive=True)
    return Settled(value, words)


def constraint(module: Module, declaration: Declaration) -> Type:
    """The declared type, `any` by default; read once for each declaration."""
    cache = module.run.files.constraints
    known = cache.get(id(declaration))
    if known is None:
        known = _read_constraint(module, declaration)
        cache[id(declaration)] = known
    return known


def _read_constraint(module: Module, declaration: Declaration) -> Type:
    item = declaration.content.attributes.get("type")
    if item is None:
        return DYNAMIC

    def constants(source: Source, node: tree.Expression) -> Value:
        return constant(module, source, node)

    try:
        return TypeReader(item.source, constants).read(item.node.expression)
    except EvaluationError as error:
        module.run.problem(error, item.span)
        return DYNAMIC


def constant(module: Module, source: Source, node: tree.Expression) -> Value:
    """A value that may refer to nothing; problems are noted."""
    expression = module.run.files.expression(source, node)
    scope = Scope(ConstantModule(module.functions))
    call = _first_call(node)
    if call is not None:
        span = Span(source, call.start, call.end)
        words = "Functions may not be called here."
        scope.problems.append(
            EvaluationError("Function calls not allowed", words, span)
        )
    value = expression.evaluate(scope)
    module.report(scope, expression.span)
    return value


def _first_call(node: tree.Node) -> tree.Call | None:
    level = [node]
    while level:
        here = level.pop()
        if isinstance(here, tree.Call):
            return here
        level.extend(children(here))
    return None


def _raw(
    module: Module, name: str, declaration: Declaration, wanted: Type
) -> tuple[Value, str]:
    """The value before conversion, and the words for where it comes from."""
    if module.call is not None:
        item = module.call.declaration.content.attributes.get(name)
        if item is not None:
            scope = module.call.scope()
            value = module.call.parent.evaluate(item, scope).replace(key=item.key)
            return value, f"argument {name} of {module.address}"
    given = module.given.get(name)
    if given is not None:
        return _given(module, given, wanted, declaration), f"var.{name} {given.words}"
    item = declaration.content.attributes.get("default")
    if item is not None:
        value = _default(module, item)
        return value.replace(key=item.key), f"default of var.{name}"
    return missing(module, name, declaration, wanted), f"var.{name}"


def _default(module: Module, item: Item) -> Value:
    """A default; in JSON its strings are no templates."""
    node = item.node.expression
    if item.source.path.endswith(".json") and _interpolates(node):
        return _plain(item.source, node)
    return constant(module, item.source, node)


def _interpolates(node: tree.Node) -> bool:
    level = [node]
    while level:
        here = level.pop()
        if isinstance(here, tree.Template) and literal_text(here) is None:
            return True
        level.extend(children(here))
    return False


def _plain(source: Source, node: tree.Expression) -> Value:
    """A JSON value as it is written."""
    span = Span(source, node.start, node.end)
    if isinstance(node, tree.Tuple):
        return Value(tuple(_plain(source, item) for item in node.items), span)
    if isinstance(node, tree.Object):
        items = {literal_text(k) or "": _plain(source, v) for k, v in node.items}
        return Value(items, span)
    if isinstance(node, tree.Template):
        try:
            return values.string(json.loads(span.text), span)
        except ValueError:
            return values.string(span.text, span)
    data = node.value if isinstance(node, tree.Literal) else None
    if isinstance(data, tree.Number):
        return operations.literal(data, span)
    return Value(data, span)


def _given(
    module: Module, given: Given, wanted: Type, declaration: Declaration
) -> Value:
    """The value of an input; a text is read literally where Terraform would."""
    if given.value is not None:
        return given.value
    if given.node is not None:
        return constant(module, given.source, given.node)
    if wanted.is_primitive or "type" not in declaration.content.attributes:
        span = Span(given.source, 0, len(given.text))
        return values.string(given.text, span)
    source, node, _ = parsed(given)
    return constant(module, source, node)


def missing(module: Module, name: str, declaration: Declaration, wanted: Type) -> Value:
    """The Unknown of a variable that nobody gave a value."""
    span = declaration.header
    words = f"var.{name} has no default"
    if module.call is not None:
        text = f'The argument "{name}" is required, but no definition was found.'
        at = module.call.declaration.header
        module.run.problem(EvaluationError("Missing required argument", text, at))
        words = f"{module.address} does not give {name}"
    elif not module.run.library:
        text = f'Variable "{name}" has no value: it is treated as unknown.'
        module.run.note("variable-without-value", text, span)
    unknown = Unknown(
        "variable",
        words,
        f"var.{name}",
        possible=listed(module, name, declaration),
        span=span,
    )
    made = Value(unknown, span, type=wanted.without_optional())
    if flag(declaration.content, "nullable", default=True):
        return made
    return values.not_null(made)


def _fitted(module: Module, name: str, value: Value, wanted: Type) -> Value:
    """The value as the declared type; Unknown("error") where it does not fit."""
    if wanted is DYNAMIC:
        return value
    try:
        return convert_with_defaults(filled(value, wanted), wanted)
    except EvaluationError as error:
        if holds_open(value):
            return value
        by_default = module.call is None and name not in module.given
        summary = "Invalid value for input variable"
        if by_default:
            summary = "Invalid default value for variable"
        words = f"The given value is not suitable for var.{name}: {error.detail}."
        problem = EvaluationError(summary, words, value.span)
        module.run.problem(problem)
        return refused(problem, value.span).replace(type=wanted.without_optional())


def filled(value: Value, wanted: Type) -> Value:
    """Resources among the value, with all the attributes that the type asks for.

    What a resource's configuration does not set may exist all the same.
    """
    data = value.data
    if isinstance(data, Unknown) or not isinstance(data, dict | tuple):
        return value
    if isinstance(data, Open) and wanted.kind == "object" and not data.closed:
        items = {name: attribute(value, name) for name in wanted.attributes}
        return value.replace(data=items, type=None)
    if isinstance(data, tuple):
        return _filled_sequence(value, data, wanted)
    made = {}
    for name, part in data.items():
        inner = (
            wanted.attributes.get(name) if wanted.kind == "object" else wanted.element
        )
        made[name] = filled(part, inner) if inner is not None else part
    if all(made[name] is part for name, part in data.items()):
        return value
    return value.replace(data=made, type=None)


def _filled_sequence(value: Value, data: tuple[Value, ...], wanted: Type) -> Value:
    if wanted.kind == "tuple":
        if len(wanted.elements) != len(data):
            return value
        parts = tuple(map(filled, data, wanted.elements))
    else:
        parts = tuple(filled(part, wanted.element) for part in data)
    if all(a is b for a, b in zip(parts, data, strict=True)):
        return value
    return value.replace(data=parts, type=None)


def _without_null(
    module: Module,
    name: str,
    declaration: Declaration,
    wanted: Type,
    value: Value,
    words: str,
) -> tuple[Value, str]:
    """A variable that may not be null takes its default in place of null."""
    item = declaration.content.attributes.get("default")
    if item is None or words.startswith("default"):
        text = f"The variable {name} is not nullable: null is not allowed."
        summary = "Required variable not set"
        if words.startswith("default"):
            summary = "Invalid default value for variable"
        problem = EvaluationError(summary, text, value.span)
        module.run.problem(problem, declaration.header)
        return refused(problem, value.span).replace(type=wanted), words
    return _once(module, item, lambda: _instead(module, name, item, wanted))


def _instead(module: Module, name: str, item: Item, wanted: Type) -> Settled:
    """The default as it takes the place of null."""
    default = constant(module, item.source, item.node.expression)
    return Settled(_fitted(module, name, default, wanted), f"default of var.{name}")


def listed(
    module: Module, name: str, declaration: Declaration
) -> tuple[Value, ...] | None:
    """The values that a validation block allows, where it lists them."""
    for part in declaration.content.of_type("validation"):
        condition = part.node.body.attributes.get("condition")
        if condition is None:
            continue
        found = _alternatives(name, condition.expression)
        if found is not None and 0 < len(found) <= MAX_LISTED:
            return tuple(
                constant(module, part.source, node).replace(type=None) for node in found
            )
    return None


def _alternatives(name: str, node: tree.Expression) -> list[tree.Expression] | None:
    """The constants of `contains([...], var.x)` or `var.x == "a" || var.x == "b"`."""
    if isinstance(node, tree.Parentheses):
        return _alternatives(name, node.inner)
    if isinstance(node, tree.Binary) and node.operator == "||":
        left, right = _alternatives(name, node.left), _alternatives(name, node.right)
        return left + right if left is not None and right is not None else None
    if isinstance(node, tree.Binary) and node.operator == "==":
        for here, there in ((node.left, node.right), (node.right, node.left)):
            if _is_variable(name, here) and _is_constant(there):
                return [there]
        return None
    if isinstance(node, tree.Call) and node.name == "contains" and len(node.args) == 2:
        items = node.args[0]
        if isinstance(items, tree.Call) and items.args:
            items = items.args[0]
        if isinstance(items, tree.Tuple) and _is_variable(name, node.args[1]):
            if all(_is_constant(item) for item in items.items):
                return list(items.items)
    return None


def _is_variable(name: str, node: tree.Expression) -> bool:
    return (
        isinstance(node, tree.GetAttr)
        and node.name == name
        and isinstance(node.target, tree.Variable)
        and node.target.name == "var"
    )


def _is_constant(node: tree.Expression) -> bool:
    return isinstance(node, tree.Literal) or literal_text(node) is not None


def validate(module: Module, name: str) -> None:
    """Note the validation rules that the variable's value does not meet."""
    declaration = module.folder.variables[name]
    for part in declaration.content.of_type("validation"):
        condition = part.node.body.attributes.get("condition")
        if condition is None:
            continue
        expression = module.run.files.expression(part.source, condition.expression)
        scope = Scope(module)
        value = expression.evaluate(scope)
        if not scope.problems and value.data is False:
            words = _message(module, part.source, part.node.body)
            at = module.settled(("var", name)).value.span or declaration.header
            problem = EvaluationError("Invalid value for variable", words, at)
            module.run.problem(problem)
        module.report(scope, part.header)


def _message(module: Module, source: Source, body: tree.Body) -> str:
    item = body.attributes.get("error_message")
    if item is None:
        return "the value is not allowed"
    value = module.run.files.expression(source, item.expression).evaluate(Scope(module))
    known = value.data if isinstance(value.data, str) else "the value is not allowed"
    return "the value is not allowed" if value.sensitive else known
