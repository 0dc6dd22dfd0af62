"""Paths on a node: which of them give the node to whoever mounts them."""

from __future__ import annotations

import posixpath
from functools import cache
from typing import NamedTuple

from mlsec_lint.estate.tables import document


class _HostPaths(NamedTuple):
    exact: frozenset[str]
    below: tuple[str, ...]
    homes: tuple[str, ...]
    in_homes: tuple[str, ...]
    allowed: tuple[str, ...]


@cache
def _host_paths() -> _HostPaths:
    table = document("host_paths.json")
    allowed = tuple(row["path"] for row in table["allowed"])
    return _HostPaths(
        frozenset(table["exact"]),
        tuple(table["below"]),
        tuple(table["homes"]),
        tuple(table["in_homes"]),
        allowed,
    )


def normal_path(path: str) -> str:
    """The path without `.`, `..`, doubled and trailing slashes."""
    normal = posixpath.normpath(path.strip() or "/")
    return "/" + normal.lstrip("/") if normal.startswith("/") else normal


def lies_in(path: str, folder: str) -> bool:
    """Whether a normal path is the folder or lies below it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def sensitive(path: str) -> bool:
    """Whether mounting a path of the node gives the node (policies/data/host_paths.json)."""
    paths = _host_paths()
    normal = normal_path(path)
    if any(lies_in(normal, allowed) for allowed in paths.allowed):
        return False
    if normal in paths.exact or any(lies_in(normal, p) for p in paths.below):
        return True
    return any(_logs_in(normal, home, paths.in_homes) for home in paths.homes)


def _logs_in(path: str, home: str, names: tuple[str, ...]) -> bool:
    """Whether a path below a home folder holds logins, or is run at one."""
    wanted, parts = home.split("/"), path.split("/")
    own, rest = parts[: len(wanted)], parts[len(wanted) :]
    if len(own) < len(wanted) or not rest or rest[0] not in names:
        return False
    return all(w in ("*", part) for w, part in zip(wanted, own, strict=True))
