"""Versions as tags and pins write them, and which advisories are about them.

Order: numbers part by part, a pre-release before its release, and what packagers add
(`-py3`, `-ubuntu22.04`, `+cu121`, `.post1`) counts for nothing but a later build. A text
that names no version (`latest`, `main`, a hash) is None, and then nothing is told.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple

from mlsec_lint.estate.tables import document
from mlsec_lint.patterns import regex

TABLE = "advisories.json"
_VERSION = regex(
    r"(?:RELEASE\.|release-|r|v)?(\d{1,6}(?:\.\d{1,6}){0,4})"
    r"(?:[.\-_]?(a|alpha|b|beta|rc|dev|pre)[.\-_]?(\d{0,6})(?![a-z]))?"
    r"(?:\.post\d{1,6}|\.[0-9a-f]{6,40})?(?![0-9a-z.])"
)
_DATED = regex(r"(?:RELEASE\.)?(\d{4})-(\d{2})-(\d{2})T(\d{2})-(\d{2})-(\d{2})Z?")
_FINAL = 9


class Version(NamedTuple):
    """The numbers of a version, and 9 for a release, less for what comes before it."""

    numbers: tuple[int, ...]
    stage: int = _FINAL
    build: int = 0


class Advisory(NamedTuple):
    """One row of the table. `when`: a pattern in the command line that it depends on."""

    product: str
    id: str
    since: str
    below: str
    fixed: str
    when: str
    what: str
    source: str
    date: str


def version_of(text: str) -> Version | None:
    """The version that a tag or pin names, or None.

    A single number is none (`3`, `12`): such a tag moves with each release.
    """
    text = text.strip()[:200]
    dated = _DATED.match(text)
    if dated is not None:
        return Version(tuple(int(part) for part in dated.groups()))
    match = _VERSION.match(text)
    if match is None or "." not in match[1]:
        return None
    numbers = tuple(int(part) for part in match[1].split("."))
    stage = {"dev": 0, "pre": 1, "a": 1, "alpha": 1, "b": 2, "beta": 2, "rc": 3}
    build = int(match[3]) if match[3] else 0
    return Version(_trimmed(numbers), stage[match[2]] if match[2] else _FINAL, build)


def _trimmed(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """`2.0` and `2.0.0` are one version."""
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers = numbers[:-1]
    return numbers


@cache
def products() -> tuple[dict[str, Any], ...]:
    """The products of the table, with the patterns that recognise them."""
    return tuple(document(TABLE)["products"])


@cache
def _rows() -> tuple[Advisory, ...]:
    return tuple(Advisory(**row) for row in document(TABLE)["rows"])


def product_of_image(repository: str) -> dict[str, Any] | None:
    """The product whose image a repository (without tag) is."""
    return next(
        (p for p in products() if any(_found(x, repository) for x in p["images"])), None
    )


def product_of(kind: str, name: str) -> dict[str, Any] | None:
    """The product that a package (`packages`) or chart (`charts`) of that name is."""
    wanted = name.lower().replace("_", "-")
    return next((p for p in products() if wanted in p.get(kind, ())), None)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)  # ours, from the table: no pattern of a stranger


def _found(pattern: str, text: str) -> bool:
    return _compiled(pattern).search(text) is not None


def advisories(product: str, version: Version, words: str = "") -> tuple[Advisory, ...]:
    """The advisories about a version of a product.

    `words` is the command line in lower case: rows that depend on a switch (a pattern)
    count only where it stands there.
    """
    found = []
    for row in _rows():
        below, since = version_of(row.below), version_of(row.since)
        if row.product != product or below is None or version >= below:
            continue
        if since is not None and version < since:
            continue
        if row.when and not _found(row.when, words):
            continue
        found.append(row)
    return tuple(found)
