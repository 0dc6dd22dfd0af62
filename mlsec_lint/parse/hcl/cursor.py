"""The parser's place in the tokens, with its bounds and the problems found so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, TypeVar

from mlsec_lint.parse.hcl.lexer import MAX_PROBLEMS
from mlsec_lint.parse.hcl.problems import Abandon, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsec_lint.parse.hcl.lexer import Lexer

# Levels of brackets, templates, unary operators and conditionals in one expression.
# Each takes at most eight frames of Python's stack (of 1,000), each block three.
MAX_DEPTH = 70
MAX_BLOCKS = 40
# What is at most this deep and has at most this many chained steps is not measured.
CALM_DEPTH = 20
CALM_STEPS = 60

_T = TypeVar("_T")


class Cursor:
    """Where the parser stands: token `i`, never on a line end while `skip` is set.

    `depth` counts open levels, `deepest` the most of them since it was last reset and
    `steps` the links of long chains (`a + b + c`, `a.b.c`), which make a tree high
    without making the parser recurse.
    """

    __slots__ = (
        "deepest",
        "depth",
        "ends",
        "i",
        "kinds",
        "problems",
        "skip",
        "starts",
        "steps",
        "text",
    )

    def __init__(self, lexer: Lexer) -> None:
        self.text = lexer.text
        self.kinds = lexer.kinds
        self.starts = lexer.starts
        self.ends = lexer.ends
        self.i = 0
        self.skip = False
        self.depth = 0
        self.deepest = 0
        self.steps = 0
        self.problems: list[Problem] = []

    def advance(self) -> None:
        """Go to the next token; past a line end too, where those mean nothing."""
        i = self.i + 1
        if self.skip and self.kinds[i] == "nl":
            i += 1
        self.i = i

    def ignore_lines(self) -> bool:
        """Let line ends mean nothing from here on; the former state, for `restore`."""
        before = self.skip
        self.skip = True
        if self.kinds[self.i] == "nl":
            self.i += 1
        return before

    def close(self, skip: bool) -> int:
        """Leave brackets: restore the state, go past the closer, and give its end."""
        end = self.ends[self.i]
        self.skip = skip
        self.advance()
        return end

    def nested(self, parse: Callable[[Cursor], _T]) -> _T:
        """Call a parser one level deeper."""
        self.depth += 1
        if self.depth > self.deepest:
            self.reach(0)
        node = parse(self)
        self.depth -= 1
        return node

    def reach(self, levels: int) -> None:
        """Count levels that are open beside `depth`; too many abandon the item."""
        self.deepest = max(self.deepest, self.depth + levels)
        if self.deepest > MAX_DEPTH:
            self.too_deep(f"more than {MAX_DEPTH} levels in one expression")

    def too_deep(self, detail: str) -> NoReturn:
        """Give up an item whose nesting is out of bounds."""
        start, end = self.starts[self.i], self.ends[self.i]
        problem = Problem(start, end, "Nesting too deep", detail, "nesting-too-deep")
        raise Abandon(self.i, problem)

    def word(self, index: int) -> str:
        """The text of a token."""
        return self.text[self.starts[index] : self.ends[index]]

    def is_word(self, word: str) -> bool:
        """Whether the cursor stands on that identifier."""
        return self.kinds[self.i] == "id" and self.word(self.i) == word

    def report(self, start: int, end: int, summary: str, detail: str) -> None:
        """Note an error after which parsing goes on as if it were none."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(start, end, summary, detail))

    def stop(self) -> NoReturn:
        """Abandon the item for a reason that was reported before."""
        raise Abandon(self.i, None)

    def fail(self, summary: str, detail: str, index: int | None = None) -> NoReturn:
        """Abandon the item because of the token the cursor (or `index`) is at."""
        i = self.i if index is None else index
        raise Abandon(self.i, Problem(self.starts[i], self.ends[i], summary, detail))


def for_names(c: Cursor, summary: str) -> tuple[str | None, str]:
    """Key (or None) and value name of a `for`; leaves the cursor on the word `in`.

    `summary` is what a fault is called: an expression's `for` or a directive's.
    """
    if c.kinds[c.i] != "id":
        c.fail(summary, "a name is expected after for")
    key, value = None, c.word(c.i)
    c.advance()
    if c.kinds[c.i] == ",":
        c.advance()
        if c.kinds[c.i] != "id":
            c.fail(summary, "a second name is expected after the comma")
        key, value = value, c.word(c.i)
        c.advance()
    if not c.is_word("in"):
        c.fail(summary, "in is expected after the names")
    return key, value
