"""What can be saved of a text with errors: every block but those that hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.parse.hcl.body import body
from mlsec_lint.parse.hcl.cursor import Cursor
from mlsec_lint.parse.hcl.lexer import MAX_PROBLEMS
from mlsec_lint.parse.hcl.resync import forgiving_scan

if TYPE_CHECKING:
    from mlsec_lint.parse.hcl import tree
    from mlsec_lint.parse.hcl.problems import Abandon, Problem

_SEQUENCES = ("${", "%{")


def salvage(text: str) -> tuple[tree.Body, list[Problem]]:
    """The body of a text that has errors, with the problems met on the way."""
    lexer = forgiving_scan(text)
    c = Cursor(lexer)
    lenient = _Salvage(c)
    found = body(c, lenient=lenient)
    lenient.lift(found)
    problems = [*lexer.problems, *c.problems]
    return found, sorted(problems, key=lambda p: (p.start, p.summary))


class _Salvage:
    """Recovery: where a body goes on after an item that could not be parsed."""

    __slots__ = ("closer", "quiet", "text", "unclosed_bodies")

    def __init__(self, c: Cursor) -> None:
        self.closer = _matches(c.kinds)
        self.quiet = -1
        self.text = c.text
        self.unclosed_bodies: set[int] = set()

    def recover(self, c: Cursor, item: int, abandon: Abandon) -> None:
        """Go on at the next line at the item's brace depth.

        Lines lost one after the other are one problem.
        """
        problem = abandon.problem
        if problem is not None and item != self.quiet:
            if len(c.problems) < MAX_PROBLEMS:
                c.problems.append(problem)
        c.skip = False
        i = self._next_line(c.kinds, item, abandon.index)
        if c.kinds[item] == "id" and c.kinds[item + 1] != "=":
            i = self._past_body(c, item, i)
        c.i = self.quiet = i

    def _next_line(self, kinds: list[str], item: int, error: int) -> int:
        """The first token of the line after the error that is in no braces of its own."""
        i = item
        while True:
            kind = kinds[i]
            if kind == "eof" or (kind == "}" and i >= error and i > item):
                return i
            if kind == "nl" and i + 1 >= error:
                return i + 1
            i = self.closer.get(i, i) + 1

    def _past_body(self, c: Cursor, item: int, i: int) -> int:
        """After a block whose header was lost: behind what is indented as its body."""
        margin = self._column(c.starts[item])
        after = i
        while c.kinds[after] != "eof" and self._column(c.starts[after]) > margin:
            after = self._next_line(c.kinds, after, after + 1)
            if c.kinds[after] == "}":
                break
        if after > i and c.kinds[after] == "}":
            if self._column(c.starts[after]) == margin:
                return self._next_line(c.kinds, after, after + 1)
        return after

    def unclosed(self, c: Cursor, opening: int, found: tree.Body) -> None:
        """Remember a body in which the text ended."""
        if not c.problems:
            start, end = c.starts[opening], c.ends[opening]
            summary = "Unclosed configuration block"
            c.report(start, end, summary, "its closing brace is missing")
        self.unclosed_bodies.add(id(found))

    def lift(self, outer: tree.Body) -> None:
        """Move what stands at the margin of an unclosed block out of it.

        Where a closing brace is missing, the blocks that follow are read as parts of
        the unclosed one; that they begin no further right than it does tells them apart.
        """
        path = [outer]
        while path[-1].blocks and id(path[-1].blocks[-1].body) in self.unclosed_bodies:
            path.append(path[-1].blocks[-1].body)
        for parent, inner in zip(path[-2::-1], path[:0:-1], strict=True):
            block = next(b for b in parent.blocks if b.body is inner)
            self._lift_one(parent, block)

    def _lift_one(self, parent: tree.Body, block: tree.Block) -> None:
        inner = block.body
        margin = self._column(block.start)
        cut = next(
            (b.start for b in inner.blocks if self._column(b.start) <= margin), None
        )
        if cut is None:
            return
        moved = [b for b in inner.blocks if b.start >= cut]
        inner.blocks = [b for b in inner.blocks if b.start < cut]
        for name, attribute in list(inner.attributes.items()):
            if attribute.start >= cut:
                del inner.attributes[name]
                parent.attributes.setdefault(name, attribute)
        at = parent.blocks.index(block) + 1
        parent.blocks[at:at] = moved
        block.end = inner.end = cut

    def _column(self, at: int) -> int:
        return at - self.text.rfind("\n", 0, at) - 1


def _matches(kinds: list[str]) -> dict[int, int]:
    """For each token that opens braces the one that closes them."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for i, kind in enumerate(kinds):
        if kind == "{" or kind in _SEQUENCES:
            opened.append(i)
        elif kind == "}" and opened:
            found[opened.pop()] = i
        elif kind == "end":
            while opened and kinds[opened[-1]] == "{":
                opened.pop()
            if opened:
                found[opened.pop()] = i
    return found
