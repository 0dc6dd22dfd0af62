"""A lexer that finds its way again after a template that does not end.

hclsyntax goes on inside such a template to the end of the text, so that one missing
quote turns all that follows inside out. Here a quoted string ends, at the latest, with
the line it began on (or, if an interpolation took it over several lines, with the
first of them), and a heredoc whose end marker is missing ends where it seems meant to.
The place is marked by a token no parser accepts, so that the item around it is lost
and nothing else is.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from mlsec_lint.parse.hcl.lexer import Lexer
from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    from mlsec_lint.parse.hcl.lexer import Mode

# Going back costs at most one more pass over the text each time.
PATIENCE = 5
# A line that closes or opens a block at the left margin.
_MARGIN = regex(
    r'^(?:\}|[A-Za-z_][\w-]*(?:[ \t]+(?:"[^"\n]*"|[\w-]+))*[ \t]*\{)', re.MULTILINE
)


class ForgivingLexer(Lexer):
    """Tokens of a text that has errors."""

    __slots__ = ("patience",)

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.patience = PATIENCE

    def line_end_in_quotes(self, at: int) -> int:
        """End the string, and all up to the heredoc or block that holds it."""
        frame = len(self.stack) - 1
        while frame > 1 and self.stack[frame - 1][0] in ("main", "quoted"):
            frame -= 1
        opening = self.starts[self.stack[frame][2]]
        if self.stack[frame][0] == "quoted":
            first = self._line_end(opening)
            if first < at and self.patience > 0:
                self.patience -= 1
                at = first
        return self._cut(frame, at, at)

    def unterminated(self, size: int) -> int:
        """Go back to where the outermost open template seems meant to end."""
        if self.patience <= 0:
            return size
        self.patience -= 1
        mode, marker, token = self.stack[1]
        if mode != "heredoc":
            at = self._line_end(self.starts[token])
            return self._cut(1, at, at)
        begin = self.ends[token]
        found = re.compile(
            rf"^[ \t]*{re.escape(str(marker))}(?![\w-])", re.MULTILINE
        ).search(self.text, begin)
        if found is not None:
            return self._cut(1, found.start(), found.end())
        found = _MARGIN.search(self.text, begin)
        at = found.start() if found is not None else size
        return self._cut(1, max(begin, at - 1), at)

    def _line_end(self, at: int) -> int:
        end = self.text.find("\n", at)
        if end < 0:
            return len(self.text)
        return end - 1 if self.text[end - 1] == "\r" else end

    def _cut(self, frame: int, at: int, resume: int) -> int:
        """Forget the tokens from `at` on and what was open from `frame` up.

        Gives `resume`, where lexing goes on. Open sequences get their ends, so that
        braces still balance.
        """
        keep = bisect_left(self.starts, at, self.stack[frame][2] + 1)
        opened = self.kinds[self.stack[frame][2] : keep]
        for tokens in (self.kinds, self.starts, self.ends):
            del tokens[keep:]
        self.problems = [problem for problem in self.problems if problem.start < at]
        self.emit("qnl", at, resume)
        if at < len(self.text):
            detail = "its end is missing"
            self.report(at, resume, "Unterminated template string", detail)
        sequences = opened.count("${") + opened.count("%{") - opened.count("end")
        for _ in range(sequences):
            self.emit("end", resume, resume)
        del self.stack[frame:]
        return resume


def forgiving_scan(text: str, mode: Mode = "main") -> Lexer:
    """The tokens of a text with errors."""
    lexer = ForgivingLexer(text)
    lexer.run(mode)
    return lexer
