"""What can be saved of a text with errors: every block but those that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.parse.hcl.body import body
from mlsec_lint.parse.hcl.cursor import Cursor
from mlsec_lint.parse.hcl.lexer import scan

if TYPE_CHECKING:
    from mlsec_lint.parse.hcl import tree
    from mlsec_lint.parse.hcl.problems import Abandon, Problem

_OPENERS = ("{", "${", "%{")
_CLOSERS = ("}", "end")


def salvage(text: str) -> tuple[tree.Body, list[Problem]]:
    """The body of a text that has errors, with the problems met on the way."""
    lexer = scan(text)
    c = Cursor(lexer)
    found = body(c, lenient=_Salvage(c))
    problems = [*lexer.problems, *c.problems]
    return found, sorted(problems, key=lambda p: (p.start, p.summary))


class _Salvage:
    """Recovery: where a body goes on after an item that could not be parsed."""

    __slots__ = ("closer", "quiet")

    def __init__(self, c: Cursor) -> None:
        self.closer = _matches(c)
        self.quiet = -1

    def recover(self, c: Cursor, item: int, abandon: Abandon) -> None:
        """Go on at the next line at the item's brace depth.

        Lines lost one after the other are one problem.
        """
        if abandon.problem is not None and item != self.quiet:
            c.problems.append(abandon.problem)
        c.skip = False
        kinds, i, error = c.kinds, item, abandon.index
        while True:
            kind = kinds[i]
            if kind == "eof":
                break
            if kind == "nl" and i + 1 >= error and i >= item:
                i += 1
                break
            if kind == "}" and i >= error and i > item:
                break
            i = self.closer.get(i, i) + 1
        c.i = self.quiet = i

    def unclosed(self, c: Cursor, opening: int, found: tree.Body) -> None:
        """Nothing more to do: what was in the body stays in it."""


def _matches(c: Cursor) -> dict[int, int]:
    """For each token that opens braces the one that closes them."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for i, kind in enumerate(c.kinds):
        if kind in _OPENERS:
            opened.append(i)
        elif kind in _CLOSERS and opened:
            found[opened.pop()] = i
    return found
