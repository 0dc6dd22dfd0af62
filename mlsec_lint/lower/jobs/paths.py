"""Local paths of a program joined to what is mounted there. Knows no job format."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.stores import Named
    from mlsec_lint.value import Value


class Mounted(NamedTuple):
    """Something mounted at a path: its mount thing (if it is one) and its stores.

    `copied`: the contents were copied there before the start; what is written to the
    path stays on the machine.
    """

    path: str
    mount: Thing | None
    stores: tuple[Named, ...]
    copied: bool = False


def known_path(value: Value, working: str = "") -> str:
    """The absolute path a value names, as far as it is known; "" for anything else.

    Of a path with unknown parts the folder before the first of them is given: what
    lies in it is mounted from the same place.
    """
    data = value.data
    if isinstance(data, Unknown):
        first = data.parts[0] if data.parts else ""
        if not isinstance(first, str) or "/" not in first:
            return ""
        text = first[: first.rindex("/") + 1]
    else:
        text = data if isinstance(data, str) else ""
    text = text.strip().removeprefix("file://")
    if "://" in text or not text:
        return ""
    if not text.startswith("/"):
        if not working.startswith("/") or text.startswith(("~", "$", "-")):
            return ""
        text = f"{working}/{text}"
    normal = posixpath.normpath(text)
    return "/" + normal.lstrip("/")


def mounted_at(path: str, mounted: Iterable[Mounted]) -> Mounted | None:
    """The innermost mount that a path lies in."""
    best: Mounted | None = None
    for entry in mounted:
        inside = path == entry.path or path.startswith(entry.path.rstrip("/") + "/")
        if inside and (best is None or len(entry.path) > len(best.path)):
            best = entry
    return best


def is_path(value: Value) -> bool:
    """Whether a value looks like a path or URI rather than the name of a hub's model."""
    data = value.data
    if isinstance(data, Unknown):
        data = data.parts[0] if data.parts else ""
    if not isinstance(data, str):
        return False
    text = data.strip()
    return text.startswith(("/", "./", "../", "~/")) or "://" in text
