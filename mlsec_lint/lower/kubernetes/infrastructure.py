"""Workloads that need the host by design: named, by image registry, as dated data."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.tables import document

if TYPE_CHECKING:
    from collections.abc import Sequence


@cache
def _infrastructure() -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    rows = document("infrastructure.json")["rows"]
    return tuple(
        (row["name"], tuple(row["workloads"]), tuple(row["images"])) for row in rows
    )


class Listed(NamedTuple):
    """A row of the allow-list; `certain` is false where an image is not known."""

    row: str
    certain: bool


def infrastructure(name: str, images: Sequence[str | None]) -> Listed | None:
    """The row that a workload matches by name and all images, or None.

    An image that is None is not known: then the name alone decides, without certainty,
    unless another image comes from elsewhere.
    """
    if not images or not name:
        return None
    doubtful: Listed | None = None
    for row, names, prefixes in _infrastructure():
        if not any(fnmatchcase(name, pattern) for pattern in names):
            continue
        known = [image for image in images if image is not None]
        if not all(_comes_from(image, prefixes) for image in known):
            continue
        if len(known) == len(images):
            return Listed(row, certain=True)
        doubtful = doubtful or Listed(row, certain=False)
    return doubtful


def _comes_from(image: str, prefixes: tuple[str, ...]) -> bool:
    """Whether an image lies under a prefix: at a `/`, `:`, `@` or the end of a name."""
    for prefix in prefixes:
        host, _, rest = prefix.partition("/")
        if host.startswith("*."):
            image_host, _, image_rest = image.partition("/")
            if image_host.endswith(host[1:]) and _under(image_rest, rest):
                return True
        elif _under(image, prefix):
            return True
    return False


def _under(image: str, prefix: str) -> bool:
    if not image.startswith(prefix):
        return False
    after = image[len(prefix) : len(prefix) + 1]
    return prefix.endswith(("/", "-")) or after in ("", ":", "@", "/")
