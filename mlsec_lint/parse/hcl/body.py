"""Bodies: attributes and blocks, up to a closing brace or the end of the text.

Strict: the first error that hclsyntax would recover from abandons the whole body.
Lenient (`Lenient` given): it costs the item, and the body goes on behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from mlsec_lint.parse.hcl import tree
from mlsec_lint.parse.hcl.cursor import CALM_DEPTH, CALM_STEPS, MAX_BLOCKS
from mlsec_lint.parse.hcl.expression import expression
from mlsec_lint.parse.hcl.height import MAX_HEIGHT, height
from mlsec_lint.parse.hcl.literal import decode
from mlsec_lint.parse.hcl.problems import Abandon

if TYPE_CHECKING:
    from mlsec_lint.parse.hcl.cursor import Cursor

_REQUIRED = "Argument or block definition required"
_BLOCK = "Invalid block definition"
_SINGLE = "Invalid single-argument block definition"
_UNCLOSED = "Unclosed configuration block"
_STRING = "Invalid string literal"


class Lenient(Protocol):
    """What the salvaging parser decides at an error."""

    def recover(self, c: Cursor, item: int, abandon: Abandon) -> None:
        """Put the cursor where the body goes on; `item` is its failed item's token."""

    def unclosed(self, c: Cursor, opening: int, found: tree.Body) -> None:
        """The text ended in the body whose brace is the token `opening`."""


def body(
    c: Cursor,
    opening: int | None = None,
    blocks: int = 0,
    lenient: Lenient | None = None,
) -> tree.Body:
    """A body from its first token to its end, the closing brace included.

    `opening` is the token of its brace (None: the whole text), `blocks` how many are
    open around it.
    """
    kinds = c.kinds
    start = c.starts[opening] if opening is not None else 0
    found = tree.Body(start, start, {}, [])
    while True:
        item = c.i
        kind = kinds[item]
        if kind == "nl":
            c.i += 1
        elif kind == "id":
            try:
                _item(c, found, blocks, lenient)
            except Abandon as abandon:
                if lenient is None:
                    raise
                _lost(c, found, item, abandon)
                lenient.recover(c, item, abandon)
        elif kind == "}" and opening is not None:
            found.end = c.ends[item]
            c.i += 1
            return found
        elif kind == "eof":
            found.end = c.ends[item]
            if opening is not None:
                if lenient is None:
                    c.fail(_UNCLOSED, "its closing brace is missing", opening)
                lenient.unclosed(c, opening, found)
            return found
        else:
            try:
                _no_item(c)
            except Abandon as abandon:
                if lenient is None:
                    raise
                lenient.recover(c, item, abandon)


def _no_item(c: Cursor) -> None:
    kind = c.kinds[c.i]
    if kind == "str" or kind == "oq":
        c.fail("Invalid argument name", "names of arguments are not quoted")
    c.fail(_REQUIRED, "neither can begin here")


def _lost(c: Cursor, found: tree.Body, item: int, abandon: Abandon) -> None:
    """Keep the name of an attribute whose value was not understood."""
    if c.kinds[item + 1] != "=":
        return
    name, begin = c.word(item), c.starts[item]
    before = found.attributes.get(name)
    if before is not None and before.start != begin:
        return
    start = c.starts[item + 2] if c.kinds[item + 2] != "nl" else c.ends[item + 1]
    end = max(start, c.ends[c.i] if c.kinds[c.i] != "nl" else c.starts[c.i])
    problem = abandon.problem
    bad = tree.Bad(start, end, problem.summary if problem else "syntax error")
    found.attributes[name] = tree.Attribute(begin, end, name, c.ends[item], bad)


def _item(c: Cursor, found: tree.Body, blocks: int, lenient: Lenient | None) -> None:
    """One attribute or block with the line end behind it."""
    item = c.i
    c.depth = c.deepest = c.steps = 0
    c.skip = False
    kind = c.kinds[item + 1]
    c.i = item + 1
    if kind == "=":
        _attribute(c, found, item)
        kind = c.kinds[c.i]
        if kind == "nl":
            c.i += 1
        elif kind == ",":
            summary = "Unexpected comma after argument"
            c.fail(summary, "arguments are separated by line ends")
        elif kind != "eof":
            summary = "Missing newline after argument"
            c.fail(summary, "an argument ends with its line")
    elif kind == "str" or kind == "{" or kind == "id" or kind == "oq":
        found.blocks.append(_block(c, item, blocks, lenient))
        kind = c.kinds[c.i]
        if kind == "nl":
            c.i += 1
        elif kind != "eof":
            summary = "Missing newline after block definition"
            c.fail(summary, "a block ends with its line")
    else:
        c.fail(_REQUIRED, "an = or a block's labels are expected", item)


def _attribute(c: Cursor, found: tree.Body, item: int) -> None:
    """`name = expression`, with the cursor on the equals sign."""
    start, name_end = c.starts[item], c.ends[item]
    name = c.text[start:name_end]
    twice = name in found.attributes
    if twice:
        c.report(start, name_end, "Attribute redefined", f"{name} is set above")
    c.i += 1
    before = len(c.problems)
    node = expression(c)
    if c.deepest > CALM_DEPTH or c.steps > CALM_STEPS:
        if height(node) > MAX_HEIGHT:
            c.too_deep(f"more than {MAX_HEIGHT} operations in one another")
    if len(c.problems) > before:
        node = tree.Bad(node.start, node.end, c.problems[before].summary)
    if twice:
        return
    found.attributes[name] = tree.Attribute(start, node.end, name, name_end, node)


def _block(c: Cursor, item: int, blocks: int, lenient: Lenient | None) -> tree.Block:
    """`type "label" {`, its body and the closing brace."""
    labels = _labels(c)
    header_end = labels[-1].end if labels else c.ends[item]
    opening = c.i
    c.i += 1
    if blocks >= MAX_BLOCKS:
        c.too_deep(f"more than {MAX_BLOCKS} blocks in one another")
    kind = c.kinds[c.i]
    if kind == "nl" or kind == "}" or kind == "eof":
        inner = body(c, opening, blocks + 1, lenient)
    else:
        inner = _single(c, opening)
    start = c.starts[item]
    return tree.Block(start, inner.end, c.word(item), labels, header_end, inner)


def _labels(c: Cursor) -> tuple[tree.Label, ...]:
    """The labels of a block; leaves the cursor on its opening brace."""
    labels: list[tree.Label] = []
    while True:
        i = c.i
        kind = c.kinds[i]
        start, end = c.starts[i], c.ends[i]
        if kind == "str":
            labels.append(tree.Label(start, end, c.text[start + 1 : end - 1]))
            c.i += 1
        elif kind == "id":
            labels.append(tree.Label(start, end, c.text[start:end]))
            c.i += 1
        elif kind == "oq":
            labels.append(_quoted_label(c))
        elif kind == "{":
            return tuple(labels)
        elif kind == "=":
            c.fail(_BLOCK, "a block takes no equals sign")
        elif kind == "nl":
            c.fail(_BLOCK, "its { is expected on the line of its header")
        else:
            c.fail(_BLOCK, "a label or { is expected")


def _quoted_label(c: Cursor) -> tree.Label:
    start = c.starts[c.i]
    value = ""
    while True:
        c.i += 1
        kind = c.kinds[c.i]
        if kind == "lit":
            value += decode(c, c.starts[c.i], c.ends[c.i], quoted=True).value
        elif kind == "cq":
            end = c.ends[c.i]
            c.i += 1
            return tree.Label(start, end, value)
        elif kind == "eof":
            c.report(c.starts[c.i], c.ends[c.i], _BLOCK, "a label or { is expected")
            c.fail("Unterminated string literal", "its closing quote is missing")
        elif kind == "${" or kind == "%{":
            c.fail(_STRING, f"no template here; for a literal {kind} double its sign")
        else:
            c.fail(_STRING, "this cannot stand in a string")


def _single(c: Cursor, opening: int) -> tree.Body:
    """`{ name = expression }` on one line."""
    item = c.i
    if c.kinds[item] != "id":
        c.fail(_REQUIRED, "neither can begin here")
    c.i += 1
    kind = c.kinds[c.i]
    if kind in ("str", "oq", "{", "id"):
        summary = "Argument definition required"
        c.fail(summary, "a block on one line holds one argument only", item)
    if kind != "=":
        c.fail(_REQUIRED, "an = is expected", item)
    found = tree.Body(c.starts[opening], c.ends[opening], {}, [])
    _attribute(c, found, item)
    kind = c.kinds[c.i]
    if kind == "eof":
        c.fail(_UNCLOSED, "its closing brace is missing", opening)
    if kind != "}":
        c.fail(_SINGLE, "} is expected after the one argument")
    found.end = c.ends[c.i]
    c.i += 1
    return found
