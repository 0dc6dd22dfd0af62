"""Expressions: one function per form, on a cursor. Order of checks as in hclsyntax.

Every function expects the cursor on the first token of its form and leaves it on the
first token after it. Errors after which Terraform's own parser goes on are reported,
all others abandon the item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from mlsec_lint.parse.hcl import tree
from mlsec_lint.parse.hcl.cursor import for_names
from mlsec_lint.parse.hcl.literal import plain_template
from mlsec_lint.parse.hcl.template import heredoc, quoted
from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    from mlsec_lint.parse.hcl.cursor import Cursor
    from mlsec_lint.parse.hcl.tree import Expression

LEVELS = {
    "||": 1,
    "&&": 2,
    "==": 3,
    "!=": 3,
    "<": 4,
    ">": 4,
    "<=": 4,
    ">=": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "%": 6,
}
_WORDS = {"true": True, "false": False, "null": None}
_NUMBER = regex(r"[0-9]+(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?\Z")
_FOR = "Invalid 'for' expression"


def expression(c: Cursor) -> Expression:
    """Any expression."""
    node = operand(c)
    kind = c.kinds[c.i]
    if kind in LEVELS:
        node = _binary(c, node)
        kind = c.kinds[c.i]
    if kind != "?":
        return node
    return _conditional(c, node)


def _conditional(c: Cursor, condition: Expression) -> Expression:
    c.advance()
    then = c.nested(expression)
    if c.kinds[c.i] != ":":
        start, end = c.starts[c.i], c.ends[c.i]
        summary = "Missing false expression in conditional"
        c.report(start, end, summary, "a colon and a second value are expected")
        return condition
    c.advance()
    otherwise = c.nested(expression)
    return tree.Conditional(condition.start, otherwise.end, condition, then, otherwise)


def _binary(c: Cursor, left: Expression) -> Expression:
    """Operators of all levels with two stacks, so that no depth is spent on them."""
    kinds = c.kinds
    operands = [left]
    operators: list[str] = []
    while (level := LEVELS.get(operator := kinds[c.i])) is not None:
        c.advance()
        while operators and LEVELS[operators[-1]] >= level:
            _reduce(operands, operators)
        operators.append(operator)
        operands.append(operand(c))
        c.steps += 1
    while operators:
        _reduce(operands, operators)
    return operands[0]


def _reduce(operands: list[Expression], operators: list[str]) -> None:
    right = operands.pop()
    left = operands[-1]
    operator = operators.pop()
    operands[-1] = tree.Binary(left.start, right.end, operator, left, right)


def operand(c: Cursor) -> Expression:
    """A term with its attributes, indexes and splats, or a unary operation."""
    i = c.i
    kind = c.kinds[i]
    node: Expression
    if kind == "id":
        node = _named(c, i)
    elif kind == "str":
        node = plain_template(c.text, c.starts[i], c.ends[i])
        c.advance()
    elif kind == "num":
        node = _number(c, i)
    elif form := _FORMS.get(kind):
        node = c.nested(form)
    elif kind == "eof":
        c.fail("Missing expression", "the text ends where a value is expected")
    else:
        c.fail("Invalid expression", "no value can begin here")
    kind = c.kinds[c.i]
    if kind == "." or kind == "[":
        return traversals(c, node)
    return node


def _named(c: Cursor, i: int) -> Expression:
    start, end = c.starts[i], c.ends[i]
    c.advance()
    kind = c.kinds[c.i]
    if kind == "(" or kind == "::":
        return c.nested(lambda c: _call(c, i))
    name = c.text[start:end]
    if name in _WORDS:
        return tree.Literal(start, end, _WORDS[name])
    return tree.Variable(start, end, name)


def _number(c: Cursor, i: int) -> tree.Literal:
    start, end = c.starts[i], c.ends[i]
    text = c.text[start:end]
    if not _is_number(text):
        c.report(start, end, "Invalid number literal", f"{text!r} is no number")
    c.advance()
    return tree.Literal(start, end, tree.Number(text))


def _is_number(text: str) -> bool:
    """Whether Go's big.Float, with exponents of 32 bits, can hold what is written."""
    found = _NUMBER.match(text)
    if found is None:
        return False
    exponent = (found[2] or "").lstrip("+-").lstrip("0")
    if len(exponent) < 10:
        return True
    if len(exponent) > 10:
        return False
    sign = -1 if found[2].startswith("-") else 1
    binary = sign * int(exponent) - len(found[1] or "") + int(3.33 * found.start(2))
    return abs(binary) < 1 << 31


def traversals(c: Cursor, node: Expression) -> Expression:
    """What follows a term: `.name`, `.0`, `.*`, `[key]`, `[*]`, as often as there are."""
    steps = 0
    while True:
        kind = c.kinds[c.i]
        if kind == ".":
            node = _dot(c, node)
        elif kind == "[":
            node = _bracket(c, node)
        else:
            c.steps += steps if steps > 4 else 0
            return node
        steps += 1


def _dot(c: Cursor, target: Expression) -> Expression:
    dot = c.i
    c.advance()
    i = c.i
    kind = c.kinds[i]
    if kind == "id":
        c.advance()
        end = c.ends[i]
        return tree.GetAttr(target.start, end, target, c.text[c.starts[i] : end])
    if kind == "num":
        return _legacy_index(c, target)
    if kind != "*":
        c.fail("Invalid attribute name", "a name is expected after the dot")
    return _attribute_splat(c, target, dot)


def _legacy_index(c: Cursor, target: Expression) -> tree.Index:
    i = c.i
    start, end = c.starts[i], c.ends[i]
    text = c.text[start:end]
    if "." in text:
        detail = f"write [{text.replace('.', '][')}]"
        c.report(start, end, "Invalid legacy index syntax", detail)
        c.advance()
        key = tree.Literal(start, end, tree.Number(text))
    else:
        key = _number(c, i)
    return tree.Index(target.start, end, target, key)


def _attribute_splat(c: Cursor, target: Expression, dot: int) -> tree.Splat:
    """`.*` and the attributes and legacy indexes after it, which it takes along."""
    star = c.i
    c.advance()
    each: Expression = tree.SplatItem(c.starts[dot], c.ends[star])
    while c.kinds[c.i] == ".":
        c.advance()
        i = c.i
        kind = c.kinds[i]
        if kind == "num":
            each = _legacy_index(c, each)
        elif kind == "id":
            c.advance()
            each = tree.GetAttr(each.start, c.ends[i], each, c.word(i))
        elif kind == "*":
            summary = "Nested splat expression not allowed"
            c.fail(summary, "use [*] for a splat in a splat")
        else:
            c.fail("Invalid attribute name", "a name is expected after the dot", star)
        c.steps += 1
    return tree.Splat(target.start, each.end, target, each, full=False)


def _bracket(c: Cursor, target: Expression) -> Expression:
    opening = c.starts[c.i]
    c.advance()
    if c.kinds[c.i] == "*":
        c.advance()
        if c.kinds[c.i] != "]":
            _unclosed(c, "Missing close bracket on splat index")
        end = c.ends[c.i]
        c.advance()
        item = tree.SplatItem(opening, end)
        each = c.nested(lambda c: traversals(c, item))
        return tree.Splat(target.start, each.end, target, each, full=True)
    skip = c.ignore_lines()
    key = c.nested(expression)
    if c.kinds[c.i] != "]":
        _unclosed(c, "Missing close bracket on index")
    return tree.Index(target.start, c.close(skip), target, key)


def _unclosed(c: Cursor, summary: str) -> NoReturn:
    """Fail where hclsyntax does: at the bracket it recovers to, or at the end."""
    index, nest = c.i + 1, 0
    size = len(c.kinds) - 1
    while index < size and (nest or c.kinds[index] != "]"):
        nest += {"[": 1, "]": -1}.get(c.kinds[index], 0)
        index += 1
    c.fail(summary, "] is expected", min(index, size))


def _unary(c: Cursor) -> tree.Unary:
    i = c.i
    c.advance()
    value = operand(c)
    return tree.Unary(c.starts[i], value.end, c.kinds[i], value)


def _parentheses(c: Cursor) -> tree.Parentheses:
    start = c.starts[c.i]
    found = len(c.problems)
    c.advance()
    skip = c.ignore_lines()
    inner = expression(c)
    if len(c.problems) > found:
        c.stop()
    if c.kinds[c.i] != ")":
        c.fail("Unbalanced parentheses", ") is expected")
    return tree.Parentheses(start, c.close(skip), inner)


def _call(c: Cursor, name_index: int) -> tree.Call:
    names = [c.word(name_index)]
    while c.kinds[c.i] == "::":
        c.advance()
        if c.kinds[c.i] != "id":
            c.fail("Missing function name", "a name is expected after ::")
        names.append(c.word(c.i))
        c.advance()
    name = "::".join(names)
    if c.kinds[c.i] != "(":
        c.fail("Missing open parenthesis", f"( is expected after {name}")
    c.advance()
    skip = c.ignore_lines()
    args: list[Expression] = []
    expand = False
    while c.kinds[c.i] != ")":
        args.append(expression(c))
        kind = c.kinds[c.i]
        if kind == ",":
            c.advance()
        elif kind == "...":
            expand = True
            _expanded(c)
        elif kind == "eof":
            c.fail("Unterminated function call", ") is expected", name_index)
        elif kind != ")":
            c.fail("Missing argument separator", "a comma or ) is expected")
    start = c.starts[name_index]
    return tree.Call(start, c.close(skip), name, tuple(args), expand)


def _expanded(c: Cursor) -> None:
    dots = c.i
    c.advance()
    if c.kinds[c.i] != ")":
        c.fail("Missing closing parenthesis", ") is expected after ...", dots)


def _tuple(c: Cursor) -> Expression:
    opening = c.i
    start = c.starts[opening]
    c.advance()
    skip = c.ignore_lines()
    if c.is_word("for"):
        return _for(c, opening, "]", skip)
    items: list[Expression] = []
    while c.kinds[c.i] != "]":
        items.append(expression(c))
        kind = c.kinds[c.i]
        if kind == ",":
            c.advance()
        elif kind == "eof":
            summary = "Unterminated tuple constructor expression"
            c.fail(summary, "] is expected", opening)
        elif kind != "]":
            c.fail("Missing item separator", "a comma or ] is expected")
    return tree.Tuple(start, c.close(skip), tuple(items))


def _object(c: Cursor) -> Expression:
    opening = c.i
    kinds = c.kinds
    c.advance()
    skip = c.skip
    ahead = c.i + 1 if kinds[c.i] == "nl" else c.i
    if kinds[ahead] == "id" and c.word(ahead) == "for":
        c.ignore_lines()
        return _for(c, opening, "}", skip)
    c.skip = False
    items: list[tuple[Expression, Expression]] = []
    while True:
        kind = kinds[c.i]
        if kind == "nl":
            c.i += 1
            continue
        if kind == "}":
            break
        key = expression(c)
        kind = kinds[c.i]
        if kind != "=" and kind != ":":
            _no_value(c, opening)
        c.i += 1
        items.append((key, expression(c)))
        kind = kinds[c.i]
        if kind == "," or kind == "nl":
            c.i += 1
        elif kind == "eof":
            _unterminated_object(c, opening)
        elif kind != "}":
            summary = "Missing attribute separator"
            c.fail(summary, "a comma or a new line is expected")
    return tree.Object(c.starts[opening], c.close(skip), tuple(items))


def _no_value(c: Cursor, opening: int) -> NoReturn:
    kind = c.kinds[c.i]
    if kind == "eof":
        _unterminated_object(c, opening)
    if kind == "nl" or kind == ",":
        c.fail("Missing attribute value", "= and a value are expected")
    c.fail("Missing key/value separator", "= is expected")


def _unterminated_object(c: Cursor, opening: int) -> NoReturn:
    summary = "Unterminated object constructor expression"
    c.fail(summary, "} is expected", opening)


def _for(c: Cursor, opening: int, closer: str, skip: bool) -> tree.For:
    """Both forms, from the word `for` on, with line ends ignored."""
    c.advance()
    key, value = for_names(c, _FOR)
    c.advance()
    collection = expression(c)
    if c.kinds[c.i] != ":":
        c.fail(_FOR, "a colon is expected after the collection")
    c.advance()
    result = expression(c)
    result_key: Expression | None = None
    if c.kinds[c.i] == "=>":
        c.advance()
        result_key, result = result, expression(c)
    dots = c.i if c.kinds[c.i] == "..." else None
    if dots is not None:
        c.advance()
    condition: Expression | None = None
    if c.is_word("if"):
        c.advance()
        condition = expression(c)
    if c.kinds[c.i] != closer:
        c.fail(_FOR, f"{closer} is expected")
    if closer == "]":
        if result_key is not None:
            start, end = result_key.start, result_key.end
            c.report(start, end, _FOR, "a tuple takes no key")
        if dots is not None:
            c.report(c.starts[dots], c.ends[dots], _FOR, "a tuple takes no ...")
    elif result_key is None:
        c.report(result.start, result.end, _FOR, "an object takes a key")
    return tree.For(
        c.starts[opening],
        c.close(skip),
        key,
        value,
        collection,
        result_key,
        result,
        condition,
        dots is not None,
    )


def _quoted(c: Cursor) -> Expression:
    return quoted(c, expression)


def _heredoc(c: Cursor) -> Expression:
    return heredoc(c, expression)


_FORMS = {
    "oq": _quoted,
    "hd": _heredoc,
    "[": _tuple,
    "{": _object,
    "(": _parentheses,
    "-": _unary,
    "!": _unary,
}
