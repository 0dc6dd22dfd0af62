"""The indentation of `<<-` heredocs, which hclsyntax takes away token by token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.parse.hcl.literal import SPACE, Draft

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def split_lines(draft: Draft) -> Iterator[Draft]:
    """One draft per line, as hclsyntax has one token per line."""
    value = draft.value
    if value.find("\n") in (-1, len(value) - 1):
        yield draft
        return
    at = index = 0
    pieces = draft.pieces
    while at < len(value):
        stop = value.find("\n", at) + 1 or len(value)
        while index + 1 < len(pieces) and pieces[index + 1][0] <= at:
            index += 1
        here, there = pieces[index]
        own = [(0, there + at - here)]
        for here, there in pieces[index + 1 :]:
            if here >= stop:
                break
            own.append((here - at, there))
        end = draft.end if stop == len(value) else own[-1][1] + stop - at - own[-1][0]
        yield Draft(own[0][1], end, value[at:stop], own)
        at = stop


def dedent(flat: Sequence[object]) -> None:
    """Take the smallest indentation of all lines away from each of them.

    A line is what follows a text that ends with a line feed *after* trimming: a line
    whose end a strip marker ate joins the next one, whose indentation then stays.
    Lines of white space alone neither count nor change.
    """
    least: int | None = None
    leading: list[Draft] = []
    fresh = True
    for item in flat:
        if fresh:
            fresh = False
            spaces = 0
            if isinstance(item, Draft):
                bare = item.value.lstrip(SPACE)
                if not bare and item.value.endswith("\n"):
                    fresh = True
                    continue
                spaces = _width(item.value[: len(item.value) - len(bare)])
                leading.append(item)
            least = spaces if least is None else min(least, spaces)
        if isinstance(item, Draft) and item.value.endswith("\n"):
            fresh = True
    for draft in leading:
        draft.cut(_length(draft.value, least or 0))


def _width(space: str) -> int:
    """Characters as a reader counts them: CR LF is one."""
    return len(space) - space.count("\r\n")


def _length(value: str, width: int) -> int:
    length = 0
    for _ in range(width):
        length += 2 if value.startswith("\r\n", length) else 1
    return length
