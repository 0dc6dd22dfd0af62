"""Characters as Terraform counts them: grapheme clusters of Unicode text segmentation."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

# ASCII text other than CR LF has one cluster per character.
_PLAIN = re.compile(r"[\x00-\x0c\x0e-\x7f]*\Z")


@cache
def _pattern() -> Any:
    import regex

    return regex.compile(r"\X")


def clusters(text: str) -> list[str]:
    """The grapheme clusters of the text, in order."""
    if _PLAIN.match(text):
        return list(text)
    found: list[str] = _pattern().findall(text)
    return found


def count_clusters(text: str) -> int:
    """How many grapheme clusters the text has."""
    return len(text) if _PLAIN.match(text) else len(clusters(text))
