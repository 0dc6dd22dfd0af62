"""A folder as a commit has it: texts from git's object store, no file of the work tree.

What is read this way is raw: no filter, no textconv, no link and no hook has a say.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mlsec_lint.discovery.listing import ask_git
from mlsec_lint.discovery.tree import MAX_TEXT
from mlsec_lint.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable

_FILES = (b"100644", b"100755")


class HistoryError(Exception):
    """git does not know the commit, or cannot be asked."""


class Past:
    """The files of one folder as of a commit. HistoryError where there is none.

    `ref` is whatever git resolves to a commit; it is the caller's, never the scanned
    repository's.
    """

    def __init__(self, root: str, ref: str) -> None:
        self.root = os.path.realpath(root)
        self.ref = ref
        if not ref or ref.startswith("-"):
            raise HistoryError("that is no name of a commit")
        found = self._ask("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        self.commit = found.decode("ascii", "replace").strip()
        self._blobs: dict[str, bytes] | None = None
        self._sources: dict[str, Source | None] = {}

    def source(self, path: str) -> Source | None:
        """The text that the commit has at a path below the folder; None without one."""
        return self.sources([path]).get(path)

    def sources(self, paths: Iterable[str]) -> dict[str, Source]:
        """The texts at these paths, as far as there are any, with one question to git."""
        wanted = list(dict.fromkeys(paths))
        new = [path for path in wanted if path not in self._sources]
        blobs = self._listing() if new else {}
        self._read({path: blobs[path] for path in new if path in blobs})
        found = {path: self._sources.setdefault(path, None) for path in wanted}
        return {path: source for path, source in found.items() if source is not None}

    def _listing(self) -> dict[str, bytes]:
        if self._blobs is None:
            self._blobs = {}
            for entry in self._ask("ls-tree", "-r", "-z", self.commit).split(b"\0"):
                facts, _, name = entry.partition(b"\t")
                mode, _, rest = facts.partition(b" ")
                if mode in _FILES:
                    self._blobs[os.fsdecode(name)] = rest.rpartition(b" ")[2]
        return self._blobs

    def _read(self, blobs: dict[str, bytes]) -> None:
        if not blobs:
            return
        question = b"".join(blob + b"\n" for blob in blobs.values())
        answer = self._ask("cat-file", "--batch", stdin=question)
        at = 0
        for path in blobs:
            end = answer.index(b"\n", at)
            size_or_fault = answer[at:end].rpartition(b" ")[2]
            if not size_or_fault.isdigit():  # "missing": a clone without its objects
                raise HistoryError(f"{path} is not in the clone")
            size = int(size_or_fault)
            content = answer[end + 1 : end + 1 + size]
            at = end + size + 2
            self._sources[path] = _decoded(path, content)

    def _ask(self, *arguments: str, stdin: bytes = b"") -> bytes:
        answer, why = ask_git(self.root, arguments, stdin)
        if answer is None:
            raise HistoryError(why or "there is no git work tree")
        return answer


def _decoded(path: str, content: bytes) -> Source | None:
    if len(content) > MAX_TEXT:
        return None
    try:
        return Source(path, content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return None
