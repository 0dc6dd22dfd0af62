"""Templates: quoted strings, heredocs and whole texts, with sequences and directives.

First the flat list of what stands in a template, trimmed by strip markers, then
(`heredoc.py`) the indentation of `<<-`, then the structure that directives make.
`expression` is handed in by the callers, which know how to parse one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from mlsec_lint.parse.hcl import tree
from mlsec_lint.parse.hcl.cursor import for_names
from mlsec_lint.parse.hcl.heredoc import dedent, split_lines
from mlsec_lint.parse.hcl.literal import SPACE, Draft, decode, text_node

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsec_lint.parse.hcl.cursor import Cursor
    from mlsec_lint.parse.hcl.tree import Expression, TemplatePart

    Parse: TypeAlias = Callable[[Cursor], Expression]

_UNTERMINATED = "Unterminated template string"
_UNCLOSED = "Unclosed template interpolation sequence"
_EXTRA = "Extra characters after interpolation expression"
_FOR = "Invalid 'for' directive"
_QUOTES = ("cq", "oq", "str")


class Directive(NamedTuple):
    """One `%{ word ... }`; `names` are those of a `for`."""

    start: int
    end: int
    word: str
    expression: Expression | None = None
    names: tuple[str | None, str] = (None, "")


Flat: TypeAlias = "Draft | tree.Interpolation | Directive"


def quoted(c: Cursor, expression: Parse) -> tree.Template:
    """A template in quotes, from its opening quote on."""
    start = c.starts[c.i]
    c.i += 1
    flat = _flat(c, "cq", expression, quoted=True)
    end = c.ends[c.i]
    parts = structure(c, flat, c.starts[c.i], end)
    c.advance()
    return tree.Template(start, end, parts, heredoc=False)


def heredoc(c: Cursor, expression: Parse) -> tree.Template:
    """A heredoc, from its introducer on; the node ends after its end marker."""
    start = c.starts[c.i]
    flush = c.text.startswith("<<-", start)
    c.i += 1
    flat = _flat(c, "ch", expression, quoted=False, lines=flush)
    if flush:
        dedent(flat)
    end = c.ends[c.i]
    parts = structure(c, flat, c.starts[c.i], end)
    c.advance()
    return tree.Template(start, end, parts, heredoc=True)


def whole(c: Cursor, expression: Parse) -> tree.Template:
    """A text that is a template as a whole."""
    flat = _flat(c, "eof", expression, quoted=False)
    end = c.ends[c.i]
    return tree.Template(0, end, structure(c, flat, end, end), heredoc=False)


def _flat(
    c: Cursor, closer: str, expression: Parse, *, quoted: bool, lines: bool = False
) -> list[Flat]:
    """Texts, interpolations and directives up to the closer, strip markers applied."""
    kinds = c.kinds
    first = c.i
    flat: list[Flat] = []
    trim = False
    while True:
        kind = kinds[c.i]
        if kind == closer:
            return flat
        if kind == "lit" or kind == "raw":
            draft = decode(c, c.starts[c.i], c.ends[c.i], quoted=quoted)
            if trim:
                _trim_start(draft, quoted=quoted)
            trim = False
            flat.extend(split_lines(draft) if lines else (draft,))
            c.i += 1
        elif kind == "${" or kind == "%{":
            if flat and c.text.startswith("~", c.starts[c.i] + 2):
                if kinds[c.i - 1] == "lit" or kinds[c.i - 1] == "raw":
                    _trim_end(flat[-1], quoted=quoted)
            parse = _interpolation if kind == "${" else _directive
            flat.append(parse(c, expression, first, closer))
            trim = c.text.startswith("~", c.starts[c.i - 1])
        else:
            c.fail(_UNTERMINATED, "its end is missing")


def _trim_start(draft: Draft, *, quoted: bool) -> None:
    """After `~}`: white space up to the end of the line (in quotes: all of it)."""
    line = len(draft.value) if quoted else draft.value.find("\n") + 1
    head = draft.value[:line] if line else draft.value
    draft.cut(len(head) - len(head.lstrip(SPACE)))


def _trim_end(item: Flat, *, quoted: bool) -> None:
    """Before `${~`: white space back to the start of the line (in quotes: all)."""
    if not isinstance(item, Draft):
        return
    value = item.value
    line = 0
    if not quoted:
        line = value.rfind("\n", 0, max(0, len(value) - 1)) + 1
        line = max(line, _kept(value))
    item.keep(line + len(value[line:].rstrip(SPACE)))


def _kept(value: str) -> int:
    """How much of a heredoc's text no marker trims, because of a hclsyntax oddity.

    A sign (`$`, `%`) and one white space character before a line end are a token.
    """
    if not value.endswith("\n"):
        return 0
    head = (
        value[:-2]
        if value.endswith("\r\n") and value[-3:-2] in " \t\v\f"
        else value[:-1]
    )
    if head[-1:] not in (" ", "\t", "\v", "\f", "\r"):
        return 0
    signs = len(head) - 1 - len(head[:-1].rstrip("$%"))
    return len(head) if signs % 2 else 0


def _interpolation(
    c: Cursor, expression: Parse, first: int, closer: str
) -> tree.Interpolation:
    opening = c.i
    c.i += 1
    skip = c.ignore_lines()
    node = expression(c)
    kind = c.kinds[c.i]
    if kind != "end":
        if kind == "eof" or (closer == "cq" and kind in _QUOTES):
            c.fail(_UNCLOSED, "} is expected", first)
        c.fail(_EXTRA, "} is expected; for a literal ${ write $${")
    end = c.ends[c.i]
    c.skip = skip
    c.i += 1
    return tree.Interpolation(c.starts[opening], end, node)


def _directive(c: Cursor, expression: Parse, first: int, closer: str) -> Directive:
    del first, closer  # the same call as for an interpolation
    opening = c.i
    c.i += 1
    skip = c.ignore_lines()
    if c.kinds[c.i] != "id":
        c.fail("Invalid template directive", "if, else, endif, for or endfor")
    word = c.word(c.i)
    keyword = c.i
    c.advance()
    condition: Expression | None = None
    names: tuple[str | None, str] = (None, "")
    if word == "for":
        names = for_names(c, _FOR)
        c.advance()
    if word == "for" or word == "if":
        condition = expression(c)
    elif word not in ("else", "endif", "endfor"):
        summary = "Invalid template control keyword"
        c.fail(summary, "if, else, endif, for or endfor", keyword)
    if c.kinds[c.i] != "end":
        c.fail(f"Extra characters in {word} marker", "} is expected")
    end = c.ends[c.i]
    c.skip = skip
    c.i += 1
    return Directive(c.starts[opening], end, word, condition, names)


class _Open:
    """A directive that waits for its end, and the parts gathered so far."""

    __slots__ = ("directive", "parts", "then")

    def __init__(self, directive: Directive | None) -> None:
        self.directive = directive
        self.parts: list[TemplatePart] = []
        self.then: list[TemplatePart] | None = None


def structure(
    c: Cursor, flat: list[Flat], start: int, end: int
) -> tuple[TemplatePart, ...]:
    """Nested parts from the flat list; unbalanced directives are reported.

    `start` and `end` are those of the template's closing token.
    """
    base = _Open(None)
    opened = [base]
    last: Draft | None = None
    for item in flat:
        if isinstance(item, Draft):
            if last is not None:
                last.join(item)
            else:
                last = item
            continue
        if last is not None:
            opened[-1].parts.append(text_node(last))
            last = None
        if isinstance(item, tree.Interpolation):
            opened[-1].parts.append(item)
        elif item.word == "if" or item.word == "for":
            opened.append(_Open(item))
            c.reach(len(opened))
        elif not _end_directive(c, item, opened):
            return ()
    if last is not None:
        opened[-1].parts.append(text_node(last))
    if len(opened) > 1:
        word = opened[-1].directive
        assert word is not None
        detail = f"the {word.word} directive has no end{word.word}"
        c.report(start, end, "Unexpected end of template", detail)
    return tuple(base.parts)


def _end_directive(c: Cursor, item: Directive, opened: list[_Open]) -> bool:
    """Deal with `else`, `endif` or `endfor`; False when it is out of place."""
    inner = opened[-1]
    directive = inner.directive
    if directive is None:
        return _unexpected(c, item, "no directive is open")
    if item.word == "else":
        if directive.word != "if" or inner.then is not None:
            detail = f"the {directive.word} directive takes none here"
            return _unexpected(c, item, detail)
        inner.then, inner.parts = inner.parts, []
        return True
    if item.word != f"end{directive.word}":
        return _unexpected(c, item, f"end{directive.word} is expected")
    opened.pop()
    assert directive.expression is not None
    if directive.word == "if":
        then, otherwise = (
            (inner.parts, []) if inner.then is None else (inner.then, inner.parts)
        )
        node: TemplatePart = tree.IfDirective(
            directive.start,
            item.end,
            directive.expression,
            tuple(then),
            tuple(otherwise),
        )
    else:
        key, value = directive.names
        node = tree.ForDirective(
            directive.start,
            item.end,
            key,
            value,
            directive.expression,
            tuple(inner.parts),
        )
    opened[-1].parts.append(node)
    return True


def _unexpected(c: Cursor, item: Directive, detail: str) -> bool:
    summary = f"Unexpected {item.word} directive"
    c.report(item.start, item.end, summary, detail)
    return False
