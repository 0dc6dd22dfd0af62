"""Type constraints as variables write them, and the defaults of optional attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.parse.hcl import tree
from mlsec_lint.parse.hcl.parser import parse_expression
from mlsec_lint.source import Source, Span
from mlsec_lint.terraform import types
from mlsec_lint.terraform.convert import convert_with_defaults
from mlsec_lint.terraform.errors import EvaluationError
from mlsec_lint.terraform.literals import literal_text
from mlsec_lint.terraform.types import DYNAMIC, Type

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsec_lint.value import Value

    Constants = Callable[[Source, tree.Expression], Value]

PRIMITIVES = {
    "string": types.STRING,
    "number": types.NUMBER,
    "bool": types.BOOL,
    "any": types.DYNAMIC,
}
COLLECTIONS = {"list": types.list_of, "set": types.set_of, "map": types.map_of}


class TypeReader:
    """Reads the type constraint of one variable.

    `constants` evaluates an expression that may not refer to anything.
    """

    def __init__(self, source: Source, constants: Constants) -> None:
        self.source = source
        self.constants = constants

    def read(self, node: tree.Expression) -> Type:
        """The whole constraint. Raises EvaluationError."""
        text = literal_text(node)
        if text is None:
            return self.constraint(node)
        if text in ("string", "list", "map"):
            if text == "string":
                return types.STRING
            return COLLECTIONS[text](types.STRING)
        inner, notes = parse_expression(_text_source(self.source, node, text))
        if notes:
            raise self._invalid(
                node,
                "A type specification is either a primitive type keyword (bool, number, string), complex type constructor call, or any",
            )
        return TypeReader(
            _text_source(self.source, node, text), self.constants
        ).constraint(inner)

    def _invalid(self, node: tree.Node, words: str) -> EvaluationError:
        span = Span(self.source, node.start, node.end)
        return EvaluationError("Invalid type specification", f"{words}.", span)

    def constraint(self, node: tree.Expression) -> Type:
        """A constraint that is not quoted. Raises EvaluationError."""
        if isinstance(node, tree.Variable):
            return self._keyword(node)
        if isinstance(node, tree.Call):
            return self._call(node)
        words = "A type specification is either a primitive type keyword (bool, number, string), complex type constructor call, or any"
        raise self._invalid(node, words)

    def _keyword(self, node: tree.Variable) -> Type:
        found = PRIMITIVES.get(node.name)
        if found is not None:
            return found
        if node.name in COLLECTIONS:
            return COLLECTIONS[node.name](DYNAMIC)
        if node.name in ("object", "tuple"):
            words = f"The {node.name} type constructor requires one argument"
        else:
            words = f'The keyword "{node.name}" is not a valid type specification'
        raise self._invalid(node, words)

    def _call(self, node: tree.Call) -> Type:
        name = node.name
        if name in PRIMITIVES:
            words = f'Primitive type keyword "{name}" does not expect arguments'
            raise self._invalid(node, words)
        if name == "optional":
            words = 'Keyword "optional" is valid only as a modifier for object type attributes'
            raise self._invalid(node, words)
        if name not in COLLECTIONS and name not in ("object", "tuple"):
            words = f'Keyword "{name}" is not a valid type constructor'
            raise self._invalid(node, words)
        if len(node.args) != 1:
            words = f"The {name} type constructor requires one argument"
            raise self._invalid(node, words)
        argument = node.args[0]
        if name in COLLECTIONS:
            return COLLECTIONS[name](self.constraint(argument))
        if name == "tuple":
            if not isinstance(argument, tree.Tuple):
                raise self._invalid(
                    argument, "Tuple type constructor requires a list of element types"
                )
            return types.tuple_of(self.constraint(item) for item in argument.items)
        return self._object(argument)

    def _object(self, node: tree.Expression) -> Type:
        if not isinstance(node, tree.Object):
            words = "Object type constructor requires a map whose keys are attribute names and whose values are the corresponding attribute types"
            raise self._invalid(node, words)
        attributes: dict[str, Type] = {}
        optional: list[str] = []
        defaults: dict[str, Value] = {}
        for key, wanted in node.items:
            name = key.name if isinstance(key, tree.Variable) else literal_text(key)
            if name is None:
                raise self._invalid(
                    key, "Object constructor map keys must be attribute names"
                )
            if isinstance(wanted, tree.Call) and wanted.name == "optional":
                attributes[name] = self._optional(wanted, name, defaults)
                optional.append(name)
            else:
                attributes[name] = self.constraint(wanted)
        return types.object_of(attributes, optional, defaults)

    def _optional(self, node: tree.Call, name: str, defaults: dict[str, Value]) -> Type:
        if not 1 <= len(node.args) <= 2:
            words = "Optional attribute modifier requires the attribute type as its argument, and perhaps a default value"
            raise self._invalid(node, words)
        wanted = self.constraint(node.args[0])
        if len(node.args) == 2:
            default = self.constants(self.source, node.args[1])
            try:
                defaults[name] = convert_with_defaults(default, wanted)
            except EvaluationError as error:
                words = f"This default value is not compatible with the attribute's type constraint: {error.detail}."
                summary = "Invalid default value for optional attribute"
                span = Span(self.source, node.args[1].start, node.args[1].end)
                raise EvaluationError(summary, words, span) from None
        return wanted


def _text_source(source: Source, node: tree.Expression, text: str) -> Source:
    """The text inside a quoted type as a source of its own."""
    return Source(source.path, text, host=source, pieces=((0, node.start + 1),))
