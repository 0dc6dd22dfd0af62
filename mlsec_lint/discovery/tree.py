"""One folder, its files decoded and capped, and nothing outside it."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakValueDictionary

from mlsec_lint.source import Note, Source

if TYPE_CHECKING:
    import builtins

    from mlsec_lint.discovery.left_out import LeftOut

#: Largest text that is decoded and parsed; larger files are noted and not analysed.
MAX_TEXT = 10 * 1024 * 1024
#: Largest file whose bytes are read at all (`file()`, `filebase64sha256()`).
MAX_BYTES = 100 * 1024 * 1024

_BLOCK = 1 << 20
#: Data as often as config: what cannot be read of it does not gate.
_DATA_ENDINGS = (".json", ".jsonc", ".toml")
_MARK = b'"apiVersion"'


class File(NamedTuple):
    """A file that a reader may want: its real path relative to the root, and its size."""

    path: str
    size: int


class Tree:
    """The scanned folder. All paths are relative to it, with posix separators.

    * `root`: the real path of the folder;
    * `files`: what readers may want, by real path, sorted, each once;
    * `links`: other names of files (symlinks inside the folder) -> real path; a
      Terraform root that links to a shared file holds it under its own name;
    * `excluded`: how many files were left out, by reason; `other` files have a name
      that no reader knows;
    * `prose`: texts for people (READMEs), sorted; they count as `other`;
    * `notes`: what could not be read, in the order of the attempts;
    * `left_out`: files of left out folders that declare something; `unseen`: those of
      too many that nobody looked into; `committed`: which of both git keeps;
    * `read`: real paths of what was read;
    * `selected`: the paths that findings are wanted for, or None for all.

    Everything under the root can be read, excluded or not, except `.git`.
    """

    def __init__(
        self, root: str, *, max_text: int = MAX_TEXT, max_bytes: int = MAX_BYTES
    ) -> None:
        self.root = os.path.realpath(root)
        self.files: list[File] = []
        self.prose: list[str] = []
        self.links: dict[str, str] = {}
        self.excluded: dict[str, int] = {}
        self.notes: list[Note] = []
        self.left_out: list[LeftOut] = []
        self.unseen: list[LeftOut] = []
        self.committed: set[str] = set()
        self.read: set[str] = set()
        self.selected: frozenset[str] | None = None
        self.max_text = max_text
        self.max_bytes = max_bytes
        self._sources: WeakValueDictionary[str, Source] = WeakValueDictionary()
        self._noted: set[tuple[str, str]] = set()
        self._real: dict[str, str | None] = {}
        self._real_folders: dict[str, bool] = {}

    def wanted(self, path: str) -> bool:
        """Whether findings in that file are asked for (a selected folder counts)."""
        if self.selected is None or path in self.selected:
            return True
        at = path.rfind("/")
        while at > 0:
            if path[:at] in self.selected:
                return True
            at = path.rfind("/", 0, at)
        return False

    def realpath(self, path: str) -> str | None:
        """The path with symlinks and `..` resolved, or None where it leaves the root.

        The root itself is "". Absolute paths leave the root unless they lie in it.
        """
        if path in self._real:
            return self._real[path]
        found = self._resolve(path)
        self._real[path] = found
        return found

    def is_real(self, path: str) -> bool:
        """Whether no folder above a listed name is a link (its last part is not asked).

        Such a name is its own real path from then on: reading refuses a late link.
        """
        folder = path.rpartition("/")[0]
        if folder not in self._real_folders:
            self._real_folders[folder] = self._resolve(folder) == folder
        if self._real_folders[folder]:
            self._real[path] = path
        return self._real_folders[folder]

    def _resolve(self, path: str) -> str | None:
        if "\0" in path:
            return None
        try:
            real = os.path.realpath(os.path.join(self.root, path))
        except (OSError, ValueError):
            return None
        if real == self.root:
            return ""
        prefix = self.root.rstrip(os.sep) + os.sep
        if not real.startswith(prefix):
            return None
        inside = real[len(prefix) :].replace(os.sep, "/")
        return None if ".git" in inside.split("/") else inside

    def exists(self, path: str) -> bool:
        """Whether a regular file of that name is in the folder."""
        found = self._status(path)
        return found is not None and stat.S_ISREG(found.st_mode)

    def is_folder(self, path: str) -> bool:
        """Whether a folder of that name is in the scanned folder."""
        found = self._status(path)
        return found is not None and stat.S_ISDIR(found.st_mode)

    def _status(self, path: str) -> os.stat_result | None:
        real = self.realpath(path)
        if real is None:
            return None
        try:
            return os.stat(os.path.join(self.root, real))
        except (OSError, ValueError):
            return None

    def listing(self, folder: str) -> list[str]:
        """Sorted names in a folder, links among them; [] where it cannot be read."""
        real = self.realpath(folder)
        if real is None:
            return []
        try:
            names = os.listdir(os.path.join(self.root, real))
        except OSError:
            return []
        return sorted(name for name in names if name != ".git")

    def bytes(self, path: str) -> builtins.bytes | None:
        """The bytes of a regular file inside the root, else None with a note."""
        real = self.realpath(path)
        if real is None:
            self._note("outside-folder", path, "leads outside the scanned folder")
            return None
        return self._read(real, self.max_bytes)

    def source(self, path: str) -> Source | None:
        """The decoded text of a file, keyed by its real path, else None with a note.

        Two names of one file give the same Source, as long as somebody holds it.
        """
        real = self.realpath(path)
        if real is None:
            self._note("outside-folder", path, "leads outside the scanned folder")
            return None
        known = self._sources.get(real)
        if known is not None:
            return known
        content = self._read(real, self.max_text)
        if content is None:
            return None
        bom = content.startswith(b"\xef\xbb\xbf")
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            why = f"is not UTF-8 text (byte {error.start}: {error.reason})"
            self._note("not-utf8", real, why)
            return None
        if "\0" in text:
            self._note("binary-file", real, "is binary: it holds NUL characters")
            return None
        source = Source(real, text, bom=bom)
        self._sources[real] = source
        return source

    def begins_with(self, path: str, head: builtins.bytes) -> bool:
        """Whether a regular file starts with some bytes; no note where it is unreadable."""
        return self.head(path, len(head)) == head

    def head(self, path: str, size: int) -> builtins.bytes | None:
        """The first bytes of a regular file; None, and no note, where it is unreadable."""
        real = self.realpath(path)
        handle = None if real is None else self._open(real)
        if not isinstance(handle, int):
            return None
        with os.fdopen(handle, "rb") as file:
            return file.read(size)

    def _open(self, real: str) -> int | str:
        """A descriptor of a regular file, never of a fifo or a device; else why not."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)
        flags |= getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            handle = os.open(os.path.join(self.root, real), flags)
        except OSError as error:
            return f"cannot be read: {error.strerror}"
        except ValueError as error:
            return f"cannot be read: {error}"
        if stat.S_ISREG(os.fstat(handle).st_mode):
            return handle
        os.close(handle)
        return "is no regular file"

    def _read(self, real: str, cap: int) -> builtins.bytes | None:
        """The bytes of a regular file up to a cap, else None with a note."""
        handle = self._open(real)
        if isinstance(handle, str):
            self._note("unreadable", real, handle)
            return None
        try:
            size = os.fstat(handle).st_size
            content = _drain(handle, cap + 1) if size <= cap else None
        except OSError as error:
            self._note("unreadable", real, f"cannot be read: {error.strerror}")
            return None
        finally:
            os.close(handle)
        if content is None or len(content) > cap:
            why = f"has {max(size, cap + 1):,} bytes; the cap is {cap:,}"
            self._note("file-too-large", real, why)
            return None
        self.read.add(real)
        return content

    def _note(self, kind: str, path: str, words: str) -> None:
        """Note what was not read, once per file. Plain data files never gate."""
        if (kind, path) in self._noted:
            return
        self._noted.add((kind, path))
        gates = not path.endswith(_DATA_ENDINGS) or path.endswith(
            (".tf.json", ".tfvars.json")
        )
        gates = gates or (kind != "outside-folder" and self._is_object(path))
        self.notes.append(
            Note(
                kind,
                f"{path} {words}",
                path,
                incomplete=gates and kind != "outside-folder",
                strict_only=not gates,
            )
        )

    def _is_object(self, real: str) -> bool:
        """Whether data that is too large or no text has the mark of a manifest."""
        content = self.head(real, self.max_bytes)
        return content is not None and _MARK in content.replace(b"\0", b"")

    def count(self, reason: str, files: int = 1) -> None:
        """Count files that were left out."""
        self.excluded[reason] = self.excluded.get(reason, 0) + files


def _drain(handle: int, limit: int) -> bytes:
    """What a descriptor gives, up to a limit (a file may grow while it is read)."""
    parts: list[bytes] = []
    while limit > 0:
        part = os.read(handle, min(limit, _BLOCK))
        if not part:
            break
        parts.append(part)
        limit -= len(part)
    return b"".join(parts)
