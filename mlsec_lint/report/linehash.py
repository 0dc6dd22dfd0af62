"""The line hash by which GitHub's code scanning follows an alert when code moves.

The upload action computes `primaryLocationLineHash` where a result has none, and warns
where a result has another one; uploads through the API need it. It is a polynomial hash
(base 37, modulo 2^64) of the 100 UTF-16 units that follow the start of the line, with
spaces and tabs left out and line ends as line feeds; behind the file come one unit
65535 and zeros. Equal hashes of one file are numbered (github/codeql-action,
src/fingerprints.ts, read July 2025).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    import re

    from mlsec_lint.source import Source

_BLOCK = 100
_POWERS = tuple(pow(37, _BLOCK - 1 - i, 1 << 64) for i in range(_BLOCK))
_ASTRAL = regex("[\U00010000-\U0010ffff]")


class LineHashes:
    """The hashes of the lines of files, each file prepared once."""

    def __init__(self) -> None:
        self._files: dict[int, tuple[Source, list[tuple[str, int]]]] = {}
        self._known: dict[str, str] = {}

    def of(self, source: Source, line: int) -> str:
        """The hash of a line (from 1), or "" where GitHub would count other lines."""
        key = id(source)
        if key not in self._files:
            self._files[key] = (source, _blocks(source))
        blocks = self._files[key][1]
        if not 1 <= line <= len(blocks):
            return ""
        block, ordinal = blocks[line - 1]
        if block not in self._known:
            self._known[block] = _hash(block)
        return f"{self._known[block]}:{ordinal}"


def _blocks(source: Source) -> list[tuple[str, int]]:
    """Each line's hashed characters, and how often they came up to and with it."""
    text = ("\ufeff" if source.bom else "") + source.text
    text = text.replace("\r\n", "\n").replace(" ", "").replace("\t", "")
    if "\r" in text:
        return []
    text = _ASTRAL.sub(_surrogates, text) + "\uffff"
    seen: dict[str, int] = {}
    blocks: list[tuple[str, int]] = []
    at = 0
    while True:
        block = text[at : at + _BLOCK]
        seen[block] = seen.get(block, 0) + 1
        blocks.append((block, seen[block]))
        at = text.find("\n", at) + 1
        if not at:
            return blocks


def _surrogates(match: re.Match[str]) -> str:
    code = ord(match.group()) - 0x10000
    return chr(0xD800 + (code >> 10)) + chr(0xDC00 + (code & 0x3FF))


def _hash(block: str) -> str:
    total = sum(ord(c) * power for c, power in zip(block, _POWERS, strict=False))
    return f"{total % (1 << 64):x}"
