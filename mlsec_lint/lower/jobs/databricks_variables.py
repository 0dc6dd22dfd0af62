"""Variables of Databricks bundles put in: `${var.x}` where the bundle says one value.

A variable that a target sets is several values, and stays unknown. Each file belongs to
the bundle in its own folder or the nearest above (docs.databricks.com, bundles,
variables; read 2026-11).
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from mlsec_lint.lower.scalars import given
from mlsec_lint.patterns import regex
from mlsec_lint.value import Step, Value

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

    from mlsec_lint.parse.document import Document

_REFERENCE = regex(r"\$\{(var\.[\w-]{1,200}|bundle\.name)\}")
_MAX_DEPTH = 20
_MAX_TEXT = 4_096
_MAX_TRAIL = 8
_MAX_FOLDERS = 32


class Variables:
    """The variables of each bundle of a scan, by the folder of the bundle."""

    def __init__(self, documents: Iterable[tuple[str, Document]]) -> None:
        self._known: dict[str, dict[str, Value]] = {}
        for path, document in documents:
            if given(document.value, "bundle") is not None:
                known = _of_bundle(document.value)
                self._known.setdefault(posixpath.dirname(path), known)

    def put_in(self, path: str, value: Value) -> Value:
        """The value with the variables of its bundle in it, as far as they are one."""
        known = self._known.get(self.folder(path))
        return _replaced(value, known, 0) if known else value

    def folder(self, path: str) -> str:
        """The folder of the bundle that a file belongs to; the file's own for none."""
        folder = posixpath.dirname(path)
        for _ in range(_MAX_FOLDERS):
            if folder in self._known:
                return folder
            if not folder:
                break
            folder = posixpath.dirname(folder)
        return posixpath.dirname(path)


def _of_bundle(root: Value) -> dict[str, Value]:
    found: dict[str, Value] = {}
    name = given(root, "bundle", "name")
    if name is not None:
        found["bundle.name"] = name
    declared = given(root, "variables")
    for key, entry in declared.items() if declared is not None else ():
        value = given(entry, "default") if isinstance(entry.data, dict) else entry
        if value is not None and isinstance(value.text(), str):
            found[f"var.{key}"] = value
    targets = given(root, "targets")
    for _, target in targets.items() if targets is not None else ():
        own = given(target, "variables")
        for key, _ in own.items() if own is not None else ():
            found.pop(f"var.{key}", None)
    return found


def _replaced(value: Value, known: dict[str, Value], depth: int) -> Value:
    if depth > _MAX_DEPTH:
        return value
    if value.elements():
        data = tuple(_replaced(e, known, depth + 1) for e in value.elements())
        return value.replace(data=data)
    if isinstance(value.data, dict):
        entries = {
            name: _replaced(entry, known, depth + 1)
            for name, entry in value.data.items()
        }
        return value.replace(data=entries)
    if isinstance(value.data, str) and "${" in value.data:
        return _text(value, value.data, known)
    return value


def _text(value: Value, text: str, known: dict[str, Value]) -> Value:
    steps: list[Step] = []

    def one(match: re.Match[str]) -> str:
        found = known.get(match[1])
        said = found.text() if found is not None else None
        if found is None or not isinstance(said, str):
            return match[0]
        if found.span is not None:
            steps.append(Step(found.span, f"{match[1]} is set here"))
        return said

    put_in = _REFERENCE.sub(one, text[:_MAX_TEXT])
    if not steps or len(text) > _MAX_TEXT or len(put_in) > _MAX_TEXT:
        return value
    trail = (*steps, *value.trail)[:_MAX_TRAIL]
    return value.replace(data=put_in, trail=trail)
