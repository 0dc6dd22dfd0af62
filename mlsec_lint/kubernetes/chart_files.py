"""The files of charts: those of a tree, and those in packaged charts laid open in it.

A packaged chart stands for a folder of the same path: `charts/x-1.0.tgz/values.yaml`. No
line of a text file is behind what is in it, so that all of it lies at the place that
takes the chart in: the dependency of the chart above, or its name.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from mlsec_lint.kubernetes.archives import ENDINGS, MAX_UNPACKED, is_archive, unpack
from mlsec_lint.parse.yaml import documents as parse
from mlsec_lint.source import Source
from mlsec_lint.value import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsec_lint.discovery import Tree
    from mlsec_lint.parse.document import Document
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

#: What all packaged charts of a scan may unpack to, and how many are read.
MAX_ALL = 4 * MAX_UNPACKED
MAX_ARCHIVES = 200
_MAX_NESTED = 4


class ChartFiles:
    """Listing and reading of both sorts of files under one sort of path."""

    def __init__(self, tree: Tree, read: Callable[[str], list[Document]]) -> None:
        self.tree = tree
        self._read = read
        self._packed: dict[str, dict[str, bytes]] = {}
        self._why: dict[str, str] = {}
        self._places: dict[str, Span] = {}
        self._sources: dict[str, Source | None] = {}
        self._parsed: dict[str, list[Document]] = {}
        self._left = MAX_ALL

    # -- packaged charts

    def open(self, archive: str) -> str:
        """Read a packaged chart; "" where it is laid open, else why it is not."""
        if archive in self._why:
            return self._why[archive]
        why = self._open(archive)
        self._why[archive] = why
        return why

    def _open(self, archive: str) -> str:
        if len(self._packed) >= MAX_ARCHIVES:
            return f"more than {MAX_ARCHIVES} packaged charts"
        outer = self._inside(archive)
        if outer is None:
            content = self.tree.bytes(archive) if self.tree.exists(archive) else None
        elif sum(outer[0].count(f"{end}/") for end in ENDINGS) >= _MAX_NESTED:
            return "too many archives inside each other"
        else:
            content = self._packed[outer[0]].get(outer[1])
        if content is None:
            return "it cannot be read"
        found = unpack(content, self._left)
        if found.why:
            return found.why
        if "Chart.yaml" not in found.files:
            return "it holds no chart"
        self._left -= sum(len(one) for one in found.files.values())
        self._packed[archive] = found.files
        return ""

    def put(self, archive: str, place: Span) -> None:
        """Say what takes a packaged chart in; the first to do so is pointed at."""
        outer = self._inside(archive)
        while outer is not None:  # the file of the tree that the outermost lies in
            place = self._places.get(outer[0], place)
            outer = self._inside(outer[0])
        if archive not in self._places:
            self._places[archive] = place
            # what was read to learn its name did not lie anywhere yet
            prefix = f"{archive}/"
            for known in (self._sources, self._parsed):
                for path in [one for one in known if one.startswith(prefix)]:
                    del known[path]

    def is_packed(self, path: str) -> bool:
        """Whether a path is a packaged chart that is laid open, or lies in one."""
        return path in self._packed or self._inside(path) is not None

    def _inside(self, path: str) -> tuple[str, str] | None:
        """The innermost archive that a path lies in, and the name there."""
        at = path.rfind("/")
        while at > 0:
            if is_archive(path[:at]) and path[:at] in self._packed:
                return path[:at], path[at + 1 :]
            at = path.rfind("/", 0, at)
        return None

    # -- files

    def exists(self, path: str) -> bool:
        """Whether there is a regular file."""
        inside = self._inside(path)
        if inside is None:
            return self.tree.exists(path)
        return inside[1] in self._packed[inside[0]]

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder (an archive is none until it is asked for)."""
        inside = self._inside(path)
        if inside is None:
            return self.tree.is_folder(path)
        start = f"{inside[1]}/"
        return any(name.startswith(start) for name in self._packed[inside[0]])

    def listing(self, folder: str) -> list[str]:
        """Sorted names in a folder or a laid open archive."""
        if folder in self._packed:
            archive, start = folder, ""
        else:
            inside = self._inside(folder)
            if inside is None:
                return self.tree.listing(folder)
            archive, start = inside[0], f"{inside[1]}/"
        names = {
            name[len(start) :].partition("/")[0]
            for name in self._packed[archive]
            if name.startswith(start)
        }
        return sorted(names)

    def source(self, path: str) -> Source | None:
        """The text of a file; None where it is none."""
        inside = self._inside(path)
        if inside is None:
            return self.tree.source(path)
        if path not in self._sources:
            content = self._packed[inside[0]].get(inside[1])
            self._sources[path] = self._decoded(path, inside[0], content)
        return self._sources[path]

    def _decoded(self, path: str, archive: str, content: bytes | None) -> Source | None:
        if content is None:
            return None
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return None
        return Source(path, text, place=self._places.get(archive))

    def documents(self, path: str) -> list[Document]:
        """The YAML documents of a file; [] where it cannot be read."""
        if self._inside(path) is None:
            return self._read(path)
        if path not in self._parsed:
            source = self.source(path)
            self._parsed[path] = [] if source is None else parse(source)[0]
        return self._parsed[path]

    def realpath(self, path: str) -> str | None:
        """The path without links and `..`; None where it leaves the root or an archive."""
        inside = self._inside(path)
        if inside is None:
            return None if ".tgz/" in path else self.tree.realpath(path)
        normal = posixpath.normpath(inside[1])
        if normal == ".." or normal.startswith(("../", "/")):
            return None
        return f"{inside[0]}/{normal}"


def with_member(value: Value) -> Value:
    """A value of a packaged chart: each scalar has a step that says where it stands."""
    data = value.data
    if isinstance(data, dict):
        made = {name: with_member(child) for name, child in data.items()}
        return value.replace(data=made)
    if isinstance(data, tuple):
        return value.replace(data=tuple(with_member(child) for child in data))
    span = value.span
    if span is None or span.source.place is None:
        return value
    line = span.source.position(span.start)[0]
    said = f"{span.source.path}, line {line}, in the packaged chart"
    step = Step(span.source.place, said)
    return value.replace(trail=(*value.trail, step))
