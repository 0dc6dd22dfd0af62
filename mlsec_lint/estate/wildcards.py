"""Patterns in which `*` stands for any characters: ARNs, addresses, hosts, lists."""

from __future__ import annotations


def wildcard(pattern: str, text: str) -> bool:
    """Whether a text is a pattern in which `*` stands for any characters.

    Takes time in proportion to the text for each `*` and never backtracks.
    """
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == text
    last = rest.pop()
    if len(text) < len(first) + len(last):
        return False
    if not (text.startswith(first) and text.endswith(last)):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in rest:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True
