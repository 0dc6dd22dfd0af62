"""Characters as Terraform counts them: grapheme clusters of Unicode text segmentation."""

from __future__ import annotations

from functools import cache
from typing import Any

from mlsec_lint.patterns import regex

# ASCII text other than CR LF has one cluster per character.
_PLAIN = regex(r"[\x00-\x0c\x0e-\x7f]*\Z")


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


# Characters that no following character can change or join.
_ENDS = frozenset("-_:;/\\,.(){}[]|?!~ \t@#$%^&*+\"'")


def safe_prefix(text: str) -> str:
    """How much of a text stays as it is whatever comes behind it.

    The last cluster may still grow or combine (`e` and an accent become one letter),
    unless it is one of the usual delimiters. As cty/ctystrings.SafeKnownPrefix.
    """
    if not text or text[-1] in _ENDS:
        return text
    kept = text[: -len(clusters(text)[-1])]
    # Regional indicators pair up from the start of their run.
    return kept.rstrip(_INDICATORS) if text[-1] in _INDICATORS else kept


_INDICATORS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
