"""GitLab CI files with what they include from the repository put under them.

`include` of local files, by path and by pattern; what comes from other projects, from
templates, components and addresses is not in the scan and is noted. Merged as GitLab
does: mappings key by key, the including file last (docs.gitlab.com, read 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.wildcards import wildcard
from mlsec_lint.lower.scalars import given, text_of
from mlsec_lint.source import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.value import Value

_MAX_FILES = 150  # GitLab's own limit
_MAX_DEPTH = 12
_MAX_PATTERNS = 200
_OTHERS = ("project", "remote", "template", "component")


class Includes:
    """The GitLab files of a scan, and which are only there to be included."""

    def __init__(self, inputs: Inputs) -> None:
        self.roots: dict[str, list[Value]] = {}
        for path, document in inputs.documents:
            if path.endswith((".yml", ".yaml")) and not document.skipped:
                self.roots.setdefault(path, []).append(document.value)
        self.included: set[str] = set()
        self._patterns: dict[str, list[str]] = {}
        self.notes: list[Note] = []
        for path, values in self.roots.items():
            for value in values:
                named = (self._paths(v) for v in _entries(value))
                self.included.update(p for paths in named for p in paths if p != path)

    def merged(self, path: str, root: Value) -> Value:
        """The file with everything under it that it includes."""
        layers: list[Value] = []
        self._collect(path, root, layers, {path}, 0)
        merged = layers[0]
        for layer in layers[1:]:
            merged = _over(merged, layer, 0)
        return merged

    def _collect(
        self, path: str, root: Value, layers: list[Value], seen: set[str], depth: int
    ) -> None:
        for entry in _entries(root):
            for name in self._paths(entry):
                if name in seen or len(seen) >= _MAX_FILES or depth >= _MAX_DEPTH:
                    continue
                seen.add(name)
                for value in self.roots[name]:
                    self._collect(name, value, layers, seen, depth + 1)
            self._note(path, entry)
        layers.append(root)

    def _paths(self, entry: Value) -> list[str]:
        """The files of the scan that one entry of `include` names."""
        name = text_of(entry) or text_of(given(entry, "local"))
        if not name or "://" in name:
            return []
        name = name.removeprefix("/").removeprefix("./")
        if "*" in name:
            if name not in self._patterns and len(self._patterns) >= _MAX_PATTERNS:
                return []
            if name not in self._patterns:
                self._patterns[name] = self._matching(name)
            return self._patterns[name]
        return [name] if name in self.roots else []

    def _matching(self, pattern: str) -> list[str]:
        return [path for path in self.roots if wildcard(pattern, path)][:_MAX_FILES]

    def _note(self, path: str, entry: Value) -> None:
        span = entry.entry()
        other = next((k for k in _OTHERS if given(entry, k) is not None), "")
        if not other and "://" not in text_of(entry):
            return
        words = f"{path} includes a file of another place: its jobs are not read"
        note = Note("include-not-read", words, path, span, strict_only=True)
        if note not in self.notes:
            self.notes.append(note)


def _entries(root: Value) -> Iterator[Value]:
    include = root.get("include") if isinstance(root.data, dict) else None
    if include is not None:
        yield from include.elements() or (include,)


def _over(under: Value, over: Value, depth: int) -> Value:
    """Two mappings in one; where both have a key that is no mapping, `over` wins."""
    if not (isinstance(under.data, dict) and isinstance(over.data, dict)):
        return over
    if depth > _MAX_DEPTH:
        return over
    merged = dict(under.data)
    for name, value in over.data.items():
        before = merged.get(name)
        merged[name] = value if before is None else _over(before, value, depth + 1)
    return over.replace(data=merged)
