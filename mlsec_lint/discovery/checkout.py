"""The files of a commit, written into an empty folder to be scanned like any other.

Contents come raw from git's object store: no checkout, no filter, no hook and no
attribute has a say, and nothing of the repository is executed. Names are a stranger's:
only files and links are written, files before links, so that no link leads a file
elsewhere. Where links lead is the scan's matter, which confines them to the folder.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.discovery.history import HistoryError
from mlsec_lint.discovery.listing import ask_git
from mlsec_lint.discovery.tree import MAX_BYTES, MAX_TEXT
from mlsec_lint.patterns import regex
from mlsec_lint.source import Note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FILES = (b"100644", b"100755", b"100664")
_LINK, _MODULE = b"120000", b"160000"
#: Bytes of contents that one question to git asks for, and objects in it.
_CHUNK, _MOST = 32 * 1024 * 1024, 4_000
#: Contents above the cap of texts that are written at all; they only serve `file()`.
_LARGE = 1024 * 1024 * 1024
_MOST_DEPTH = 5
_IGNORE_FILE = ".gitignore"
#: A submodule's folder as git, a Mac or Windows may take it for the repository's own.
_GIT = regex(r"\.git[ .]*|git~\d+", re.IGNORECASE)
#: What a Mac's file system does not see in a name.
_IGNORED = regex("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


class _Entry(NamedTuple):
    """One name of the commit's tree: `kind` is its mode."""

    path: str
    kind: bytes
    blob: bytes


class Checkout(NamedTuple):
    """What was written: the commit's full name, and what could not be written.

    `found`: whether the commit has the folder at all.
    """

    commit: str
    notes: tuple[Note, ...] = ()
    found: bool = True


def resolve(root: str, ref: str) -> str:
    """The full name of the commit that `ref` stands for, as seen from a folder.

    HistoryError where git knows none, or where there is no git.
    """
    if not ref or ref.startswith("-"):
        raise HistoryError("that is no name of a commit")
    question = ("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    answer, why = ask_git(root, question)
    if answer is None:
        silent = why.startswith("exit code")
        why = "git knows no such commit" if silent else why
        raise HistoryError(why or "there is no git work tree")
    return answer.decode("ascii", "replace").strip()


def check_out(root: str, folder: str, ref: str, into: str) -> Checkout:
    """Write a folder of a commit into the empty folder `into`.

    `root` is a folder of the work tree, `folder` the one to write, relative to it ("" is
    itself). HistoryError where git does not know the commit or lacks objects of it.
    """
    commit = resolve(root, ref)
    prefix = _ask(root, ("rev-parse", "--show-prefix")).decode("utf-8", "replace")
    inside = os.path.normpath(prefix.rstrip("\n") + folder).replace(os.sep, "/")
    if inside.split("/")[0] == os.pardir:
        raise HistoryError("the folder lies outside of the work tree")
    tree = f"{commit}:{'' if inside == '.' else inside}"
    kind, _ = ask_git(root, ("cat-file", "-t", tree))
    if kind is None or kind.strip() != b"tree":
        return Checkout(commit, found=False)
    writer = _Writer(into)
    writer.tree(root, folder, tree, "")
    writer.links()
    return Checkout(commit, tuple(writer.notes))


class _Writer:
    """Writes trees below one folder; links wait until all files are there."""

    def __init__(self, into: str) -> None:
        self.into = into
        self.notes: list[Note] = []
        self._waiting: list[tuple[str, bytes]] = []
        self._large = 0

    def tree(self, root: str, folder: str, tree: str, at: str, depth: int = 0) -> None:
        """Write one tree at a place, and submodules whose commits are at hand."""
        # What a commit has is not ignored, whatever its ignore files say.
        named = [e for e in _listing(root, tree) if not e.path.endswith(_IGNORE_FILE)]
        entries = [e for e in named if self._is_fit(at + e.path)]
        self._contents(root, at, [e for e in entries if e.kind != _MODULE])
        for entry in entries:
            if entry.kind == _MODULE:
                self._module(root, folder, entry, at, depth)

    def _module(
        self, root: str, folder: str, entry: _Entry, at: str, depth: int
    ) -> None:
        """A submodule as of the commit that the tree names, where its clone has it."""
        home = os.path.join(root, folder, entry.path)
        real, inside = os.path.realpath(home), os.path.realpath(root) + os.sep
        own = real.startswith(inside) and os.path.lexists(os.path.join(home, ".git"))
        commit = entry.blob.decode("ascii", "replace")
        kind, _ = ask_git(home, ("cat-file", "-t", commit)) if own else (None, "")
        if kind is None or kind.strip() != b"commit" or depth >= _MOST_DEPTH:
            words = f"{at}{entry.path} is a submodule whose commit is not at hand"
            note = Note("module-not-read", words, at + entry.path, strict_only=True)
            self.notes.append(note._replace(incomplete=own))
            return
        self.tree(home, "", f"{commit}:", f"{at}{entry.path}/", depth + 1)

    def _is_fit(self, path: str) -> bool:
        """Whether a name may be written; a note where it may not."""
        parts = path.split("/")
        if not any(_is_wrong(part) for part in parts):
            return True
        shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        words = f"{shown}: a name that no checkout would write"
        self.notes.append(Note("unreadable", words, shown, incomplete=True))
        return False

    def _contents(self, root: str, at: str, entries: list[_Entry]) -> None:
        sizes = _sizes(root, entries)
        chunk: list[_Entry] = []
        room = _CHUNK
        for entry, size in zip(entries, sizes, strict=True):
            path = at + entry.path
            if size > MAX_TEXT:
                self._large += size
                if size > MAX_BYTES or self._large > _LARGE:
                    self._file(path, b"", size)
                else:
                    self._write(root, at, [entry])
                continue
            if size > room or len(chunk) >= _MOST:
                self._write(root, at, chunk)
                chunk, room = [], _CHUNK
            chunk.append(entry)
            room -= size
        self._write(root, at, chunk)

    def _write(self, root: str, at: str, entries: list[_Entry]) -> None:
        for entry, content in zip(entries, _contents(root, entries), strict=True):
            if entry.kind == _LINK:
                self._waiting.append((at + entry.path, content))
            else:
                self._file(at + entry.path, content, len(content))

    def _file(self, path: str, content: bytes, size: int) -> None:
        """A new file; an oversized one has its size and no contents."""
        place = os.path.join(self.into, path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        try:
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with os.fdopen(os.open(place, flags, 0o600), "wb") as file:
                file.write(content)
                file.truncate(size)
        except (OSError, ValueError) as error:
            self._unwritten(path, error)

    def links(self) -> None:
        """Make the links, as they stand: the scan follows none out of the folder."""
        for path, _ in self._waiting:
            try:
                os.makedirs(
                    os.path.dirname(os.path.join(self.into, path)), exist_ok=True
                )
            except OSError as error:
                self._unwritten(path, error)
        for path, target in self._waiting:
            try:
                os.symlink(target, os.fsencode(os.path.join(self.into, path)))
            except (OSError, ValueError) as error:
                self._unwritten(path, error)

    def _unwritten(self, path: str, error: Exception) -> None:
        shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        why = error.strerror if isinstance(error, OSError) else error
        words = f"{shown} of the commit could not be written: {why}"
        self.notes.append(Note("unreadable", words, shown, incomplete=True))


def _is_wrong(part: str) -> bool:
    if part in {"", os.curdir, os.pardir} or "\0" in part or os.sep in part:
        return True
    return _GIT.fullmatch(_IGNORED.sub("", part)) is not None


def _listing(root: str, tree: str) -> list[_Entry]:
    found = []
    answer = _ask(root, ("ls-tree", "-r", "-z", "--full-tree", tree))
    for entry in answer.split(b"\0"):
        facts, tab, name = entry.partition(b"\t")
        kind, _, rest = facts.partition(b" ")
        if tab and kind in (*_FILES, _LINK, _MODULE):
            found.append(_Entry(os.fsdecode(name), kind, rest.rpartition(b" ")[2]))
    return found


def _sizes(root: str, entries: Sequence[_Entry]) -> list[int]:
    if not entries:
        return []
    question = b"".join(entry.blob + b"\n" for entry in entries)
    answer = _ask(root, ("cat-file", "--batch-check"), question)
    sizes = []
    for entry, line in zip(entries, answer.splitlines(), strict=True):
        size = line.rpartition(b" ")[2]
        if not size.isdigit():  # "missing": a clone without its objects
            raise HistoryError(f"{entry.path} is not in the clone")
        sizes.append(int(size))
    return sizes


def _contents(root: str, entries: Sequence[_Entry]) -> Iterator[bytes]:
    if not entries:
        return
    question = b"".join(entry.blob + b"\n" for entry in entries)
    answer = memoryview(_ask(root, ("cat-file", "--batch"), question))
    at = 0
    for entry in entries:
        head = bytes(answer[at : at + 200]).partition(b"\n")[0]
        size = head.rpartition(b" ")[2]
        if not size.isdigit():
            raise HistoryError(f"{entry.path} is not in the clone")
        start = at + len(head) + 1
        at = start + int(size) + 1
        yield bytes(answer[start : at - 1])


def _ask(root: str, arguments: Sequence[str], stdin: bytes = b"") -> bytes:
    answer, why = ask_git(root, arguments, stdin)
    if answer is None:
        raise HistoryError(why or "there is no git work tree")
    return answer
