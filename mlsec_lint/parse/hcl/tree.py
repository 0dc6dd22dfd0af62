"""The syntax tree of HCL native syntax: slotted nodes with start and end offsets.

Every node has `start` and `end`, offsets in the Source's text. Names follow
hashicorp/hcl's hclsyntax specification (spec.md, 2026). JSON configuration
(`.tf.json`) is read into the same nodes, with `Body.json` set where its rules differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TypeAlias


class Node:
    """A piece of syntax from `start` up to but not including `end`."""

    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end


class Literal(Node):
    """`true`, `false`, `null` or a number. `value` is True, False, None or `Number`."""

    __slots__ = ("value",)

    def __init__(self, start: int, end: int, value: bool | Number | None) -> None:
        self.start = start
        self.end = end
        self.value = value


class Number(str):
    """A number as written in the source; the evaluator decides its precision."""

    __slots__ = ()


class Template(Node):
    """A quoted or heredoc template: literal text, interpolations and directives.

    `parts` is a tuple of Text, Interpolation, IfDirective and ForDirective, escapes
    and heredoc indentation already taken out of the text. A template that is only one
    Interpolation and was quoted is a wrap: it keeps the value's type.
    """

    __slots__ = ("heredoc", "parts")

    def __init__(
        self, start: int, end: int, parts: tuple[TemplatePart, ...], heredoc: bool
    ) -> None:
        self.start = start
        self.end = end
        self.parts = parts
        self.heredoc = heredoc


class Text(Node):
    """Literal text of a template; `pieces` maps its offsets to the source's.

    `pieces` is a tuple of (offset in `value`, offset in the source): exact for all
    characters in between, so that YAML or JSON in a heredoc keeps its lines.
    """

    __slots__ = ("pieces", "value")

    def __init__(
        self, start: int, end: int, value: str, pieces: tuple[tuple[int, int], ...]
    ) -> None:
        self.start = start
        self.end = end
        self.value = value
        self.pieces = pieces


class Interpolation(Node):
    """`${ expression }` in a template. Strip markers were applied to the texts."""

    __slots__ = ("expression",)

    def __init__(self, start: int, end: int, expression: Expression) -> None:
        self.start = start
        self.end = end
        self.expression = expression


class IfDirective(Node):
    """`%{ if c } ... %{ else } ... %{ endif }`."""

    __slots__ = ("condition", "otherwise", "then")

    def __init__(
        self,
        start: int,
        end: int,
        condition: Expression,
        then: tuple[TemplatePart, ...],
        otherwise: tuple[TemplatePart, ...],
    ) -> None:
        self.start = start
        self.end = end
        self.condition = condition
        self.then = then
        self.otherwise = otherwise


class ForDirective(Node):
    """`%{ for k, v in c } ... %{ endfor }`; `key` is None with one variable."""

    __slots__ = ("body", "collection", "key", "value")

    def __init__(
        self,
        start: int,
        end: int,
        key: str | None,
        value: str,
        collection: Expression,
        body: tuple[TemplatePart, ...],
    ) -> None:
        self.start = start
        self.end = end
        self.key = key
        self.value = value
        self.collection = collection
        self.body = body


class Variable(Node):
    """A bare name: the root of a traversal, or a keyword such as a type name."""

    __slots__ = ("name",)

    def __init__(self, start: int, end: int, name: str) -> None:
        self.start = start
        self.end = end
        self.name = name


class GetAttr(Node):
    """`target.name`. A legacy index `target.0` is an Index with a Literal key."""

    __slots__ = ("name", "target")

    def __init__(self, start: int, end: int, target: Expression, name: str) -> None:
        self.start = start
        self.end = end
        self.target = target
        self.name = name


class Index(Node):
    """`target[key]` or the legacy `target.0`."""

    __slots__ = ("key", "target")

    def __init__(
        self, start: int, end: int, target: Expression, key: Expression
    ) -> None:
        self.start = start
        self.end = end
        self.target = target
        self.key = key


class Splat(Node):
    """`target.*` (attribute-only) or `target[*]` (full) with what follows it.

    `each` is the expression applied to every element; the element itself is the
    SplatItem node at its root.
    """

    __slots__ = ("each", "full", "target")

    def __init__(
        self, start: int, end: int, target: Expression, each: Expression, full: bool
    ) -> None:
        self.start = start
        self.end = end
        self.target = target
        self.each = each
        self.full = full


class SplatItem(Node):
    """Stands for the element inside `Splat.each`."""

    __slots__ = ()


class Call(Node):
    """`name(args...)`; `name` keeps `::`; `expand` when the last argument has `...`."""

    __slots__ = ("args", "expand", "name")

    def __init__(
        self,
        start: int,
        end: int,
        name: str,
        args: tuple[Expression, ...],
        expand: bool,
    ) -> None:
        self.start = start
        self.end = end
        self.name = name
        self.args = args
        self.expand = expand


class Unary(Node):
    """`-x` or `!x`."""

    __slots__ = ("operand", "operator")

    def __init__(
        self, start: int, end: int, operator: str, operand: Expression
    ) -> None:
        self.start = start
        self.end = end
        self.operator = operator
        self.operand = operand


class Binary(Node):
    """`left operator right`."""

    __slots__ = ("left", "operator", "right")

    def __init__(
        self, start: int, end: int, operator: str, left: Expression, right: Expression
    ) -> None:
        self.start = start
        self.end = end
        self.operator = operator
        self.left = left
        self.right = right


class Conditional(Node):
    """`condition ? then : otherwise`."""

    __slots__ = ("condition", "otherwise", "then")

    def __init__(
        self,
        start: int,
        end: int,
        condition: Expression,
        then: Expression,
        otherwise: Expression,
    ) -> None:
        self.start = start
        self.end = end
        self.condition = condition
        self.then = then
        self.otherwise = otherwise


class Parentheses(Node):
    """`(inner)`: kept, since it changes what a key or a reference may be."""

    __slots__ = ("inner",)

    def __init__(self, start: int, end: int, inner: Expression) -> None:
        self.start = start
        self.end = end
        self.inner = inner


class Tuple(Node):
    """`[a, b]`."""

    __slots__ = ("items",)

    def __init__(self, start: int, end: int, items: tuple[Expression, ...]) -> None:
        self.start = start
        self.end = end
        self.items = items


class Object(Node):
    """`{k = v}`: pairs in order. A key that is a bare Variable means its name."""

    __slots__ = ("items",)

    def __init__(
        self, start: int, end: int, items: tuple[tuple[Expression, Expression], ...]
    ) -> None:
        self.start = start
        self.end = end
        self.items = items


class For(Node):
    """`[for k, v in c : x if y]` or `{for k, v in c : x => y... if z}`.

    `result_key` is None for the tuple form; `group` is the `...` mode.
    """

    __slots__ = (
        "collection",
        "condition",
        "group",
        "key",
        "result",
        "result_key",
        "value",
    )

    def __init__(
        self,
        start: int,
        end: int,
        key: str | None,
        value: str,
        collection: Expression,
        result_key: Expression | None,
        result: Expression,
        condition: Expression | None,
        group: bool,
    ) -> None:
        self.start = start
        self.end = end
        self.key = key
        self.value = value
        self.collection = collection
        self.result_key = result_key
        self.result = result
        self.condition = condition
        self.group = group


class Bad(Node):
    """An expression that could not be parsed; evaluates to Unknown("error")."""

    __slots__ = ("message",)

    def __init__(self, start: int, end: int, message: str) -> None:
        self.start = start
        self.end = end
        self.message = message


class Attribute(Node):
    """`name = expression`; `name_end` is the end of the name."""

    __slots__ = ("expression", "name", "name_end")

    def __init__(
        self, start: int, end: int, name: str, name_end: int, expression: Expression
    ) -> None:
        self.start = start
        self.end = end
        self.name = name
        self.name_end = name_end
        self.expression = expression


class Label(Node):
    """A block label, quoted or bare; `value` without quotes and escapes."""

    __slots__ = ("value",)

    def __init__(self, start: int, end: int, value: str) -> None:
        self.start = start
        self.end = end
        self.value = value


class Block(Node):
    """`type "label" { ... }`; `header_end` is the offset after the last label or type."""

    __slots__ = ("body", "header_end", "labels", "type")

    def __init__(
        self,
        start: int,
        end: int,
        type: str,  # noqa: A002
        labels: tuple[Label, ...],
        header_end: int,
        body: Body,
    ) -> None:
        self.start = start
        self.end = end
        self.type = type
        self.labels = labels
        self.header_end = header_end
        self.body = body


class Body(Node):
    """Attributes (by name, first one wins) and blocks in order.

    `json` says that the body came from JSON, where an attribute may stand for blocks;
    `value` is then the Object or Tuple it came from (see `parse/hcl/json.py`).
    """

    __slots__ = ("attributes", "blocks", "json", "value")

    def __init__(
        self,
        start: int,
        end: int,
        attributes: dict[str, Attribute],
        blocks: list[Block],
        json: bool = False,
        value: Expression | None = None,
    ) -> None:
        self.start = start
        self.end = end
        self.attributes = attributes
        self.blocks = blocks
        self.json = json
        self.value = value


Expression: TypeAlias = (
    Literal
    | Template
    | Variable
    | GetAttr
    | Index
    | Splat
    | SplatItem
    | Call
    | Unary
    | Binary
    | Conditional
    | Parentheses
    | Tuple
    | Object
    | For
    | Bad
)
TemplatePart: TypeAlias = Text | Interpolation | IfDirective | ForDirective
