"""Shell files that a script sources (`source env.sh`): found among the texts of the scan.

Only files that were read anyway count, so nothing outside the folder can be meant.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.source import Source
    from mlsec_lint.value import Value

_MAX_UP = 16


class Scripts:
    """The texts of a scan by path."""

    def __init__(self, texts: Iterable[Source]) -> None:
        self._texts = {source.path: source for source in texts}

    def find(self, word: Value, near: str) -> Source | None:
        """The text that a sourced path means; None where none of the scan is meant.

        A relative path is tried beside the script that names it, then from each folder
        above: jobs are started from the top of a repository as often as from its parts.
        A path behind one unknown (`$(dirname "$0")/env.sh`) is tried beside it only.
        """
        folder = posixpath.dirname(near)
        path, tries = _relative(word)
        for _ in range(tries):
            found = self._texts.get(posixpath.normpath(posixpath.join(folder, path)))
            if found is not None or not folder:
                return found
            folder = posixpath.dirname(folder)
        return None


def _relative(word: Value) -> tuple[str, int]:
    """A relative path and how many folders to try it from; 0 for any other word."""
    data = word.data
    if isinstance(data, str):
        plain = data and not data.startswith(("/", "~", "-")) and len(data) < 1_000
        return (data, _MAX_UP) if plain else ("", 0)
    if isinstance(data, Unknown) and len(data.parts) == 2:
        head, tail = data.parts
        if isinstance(head, Unknown) and isinstance(tail, str) and tail[:1] == "/":
            return tail.lstrip("/"), 1
    return "", 0
