"""Bodies, and the three ways into the parser: configuration, expression, template.

A text is first parsed strictly, as hclsyntax does. When that finds an error, its first
one is the text's first note, and the text is parsed again for what can be saved: there
an error costs its own item (an attribute keeps its name and becomes `Bad`), and parsing
goes on at the next line of the same block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.parse.hcl import tree
from mlsec_lint.parse.hcl.body import body
from mlsec_lint.parse.hcl.cursor import Cursor
from mlsec_lint.parse.hcl.expression import expression
from mlsec_lint.parse.hcl.lexer import MAX_PROBLEMS, scan
from mlsec_lint.parse.hcl.problems import Abandon, Problem
from mlsec_lint.parse.hcl.salvage import salvage
from mlsec_lint.parse.hcl.template import whole
from mlsec_lint.source import Note, Span

if TYPE_CHECKING:
    from mlsec_lint.parse.hcl.lexer import Lexer
    from mlsec_lint.source import Source


def parse_config(source: Source) -> tuple[tree.Body, list[Note]]:
    """The body of a `.tf` or `.tfvars` text, and a note for each thing lost.

    Notes have the kind `syntax-error` or `nesting-too-deep`; the text of the first
    begins with the summary that Terraform gives for its first error in this text.
    """
    lexer = scan(source.text)
    c = Cursor(lexer)
    try:
        result = body(c)
    except Abandon as abandon:
        found = _first(lexer, c, abandon)
    else:
        found = _first(lexer, c)
        if found is None:
            return result, []
    assert found is not None
    saved, others = salvage(source.text)
    line = source.position(found.start)[0]
    more = [p for p in others if source.position(p.start)[0] != line]
    return saved, notes(source, [found, *more[:MAX_PROBLEMS]])


def parse_expression(source: Source) -> tuple[tree.Expression, list[Note]]:
    """A whole text as one expression; `Bad` and notes when it is none."""
    lexer = scan(source.text)
    c = Cursor(lexer)
    c.ignore_lines()
    node: tree.Expression
    abandon: Abandon | None = None
    try:
        node = expression(c)
        if c.kinds[c.i] != "eof":
            c.fail("Extra characters after expression", "the expression ends before")
    except Abandon as caught:
        abandon = caught
    found = _first(lexer, c, abandon)
    if found is None:
        return node, []
    return tree.Bad(0, len(source.text), found.summary), notes(source, [found])


def parse_template(source: Source) -> tuple[tree.Template, list[Note]]:
    """A whole text as a template; one `Bad` interpolation and notes when it is none."""
    size = len(source.text)
    lexer = scan(source.text, "bare")
    c = Cursor(lexer)
    abandon: Abandon | None = None
    try:
        node = whole(c, expression)
    except Abandon as caught:
        abandon = caught
    found = _first(lexer, c, abandon)
    if found is None:
        return node, []
    bad = tree.Interpolation(0, size, tree.Bad(0, size, found.summary))
    return tree.Template(0, size, (bad,), heredoc=False), notes(source, [found])


def _first(lexer: Lexer, c: Cursor, abandon: Abandon | None = None) -> Problem | None:
    """The first problem as Terraform sorts them: by place, the lexer's before others."""
    found = [*lexer.problems, *c.problems]
    if abandon is not None and abandon.problem is not None:
        found.append(abandon.problem)
    return min(found, key=lambda p: p.start, default=None)


def notes(source: Source, problems: list[Problem]) -> list[Note]:
    """Problems as notes, in the order given, up to a limit."""
    return [
        Note(
            p.kind,
            f"{p.summary}: {p.detail}" if p.detail else p.summary,
            source.path,
            Span(source, p.start, max(p.end, p.start)),
            incomplete=True,
        )
        for p in problems[: MAX_PROBLEMS + 1]
    ]
