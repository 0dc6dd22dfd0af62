"""Lines of a terminal: widths in cells, wrapping, colour, a source line with its caret.

Knows no finding. Everything that it lays out has been made safe before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, get_character_cell_size

from mlsec_lint.report import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Paint = "Callable[[str, str], str]"
_TAB = 4


def painter(*, color: bool) -> Callable[[str, str], str]:
    """A function (text, style) -> text, with ANSI colours or without any."""
    if not color:
        return lambda text, _: text
    from rich.color import ColorSystem
    from rich.style import Style

    def paint(text: str, style: str) -> str:
        return Style.parse(style).render(text, color_system=ColorSystem.STANDARD)

    return paint


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells, broken at spaces, words only where they must."""
    if cell_len(text) <= width:
        return [text]
    lines: list[str] = []
    line, used = "", 0
    for word in text.split(" "):
        size = cell_len(word)
        if line and used + 1 + size <= width:
            line, used = f"{line} {word}", used + 1 + size
            continue
        if line:
            lines.append(line)
        *full, line = chop(word, width)
        lines.extend(full)
        used = cell_len(line)
    return [*lines, line]


def chop(word: str, width: int) -> list[str]:
    """A word in pieces of at most `width` cells; always at least one piece."""
    if word.isascii():
        ends = range(0, max(len(word), 1), width)
        return [word[at : at + width] for at in ends]
    pieces, piece, used = [], "", 0
    for character in word:
        size = get_character_cell_size(character)
        if piece and used + size > width:
            pieces.append(piece)
            piece, used = "", 0
        piece += character
        used += size
    return [*pieces, piece]


def hang(lead: str, text: str, width: int) -> Iterator[str]:
    """The text after a lead, its other lines indented by as much as the lead is wide.

    A lead that takes more than half of the width stands on a line of its own.
    """
    indent = cell_len(lead)
    if indent > width // 2:
        yield lead.rstrip()
        indent, lead = 4, " " * 4
    first, *others = wrap(text, max(width - indent, 8))
    yield (lead + first).rstrip()
    for line in others:
        yield " " * indent + line


def excerpt(line: str, first: int, last: int, room: int) -> tuple[str, int, int]:
    """A source line cut to `room` cells around the columns `first` up to `last`.

    Columns count code points from 0. Gives the text, and where in it (in cells) the
    caret starts and how many cells it underlines (at least one). Tabs become four
    spaces and harmful characters escapes, and the caret stays under its text.
    """
    low, high = max(0, first - room), min(len(line), first + room + 1)
    shown = [_shown(character) for character in line[low:high]]
    widths = [sum(map(get_character_cell_size, text)) for text in shown]
    begin, end = first - low, min(last, high) - low
    a, b = 0, len(shown)
    if low or high < len(line) or sum(widths) > room:
        a, b = _window(widths, begin, max(room - 2, 1))
    left = "…" if low or a else ""
    right = "…" if low + b < len(line) else ""
    at = len(left) + sum(widths[a:begin])
    size = max(1, sum(widths[begin : min(end, b)]))
    return left + "".join(shown[a:b]) + right, at, size


def _window(widths: list[int], begin: int, room: int) -> tuple[int, int]:
    """Which characters to show: a third of the room before the span, if it needs it."""
    a, lead = 0, sum(widths[:begin])
    while lead > room // 3:
        lead -= widths[a]
        a += 1
    b, used = begin, lead
    while b < len(widths) and used + widths[b] <= room:
        used += widths[b]
        b += 1
    while a and used + widths[a - 1] <= room:
        a -= 1
        used += widths[a]
    return a, b


def _shown(character: str) -> str:
    return " " * _TAB if character == "\t" else safe.clean(character)
