"""Packaged charts (`charts/NAME-VERSION.tgz`) read in memory, as hostile as they may be.

A reader of its own: Python's `tarfile` follows what a header says and has looped on made
up ones (CVE-2025-8194). Only regular files are taken, by names that stay in the archive;
what is too large, too many or broken makes the whole archive unread, and says why.
Helm's own limits (3.18, 2025-06): 100 MB of all files, 5 MB of one.
"""

from __future__ import annotations

import zlib
from typing import NamedTuple

#: Bytes of an archive as it lies there, of what it unpacks to, and of one file in it.
MAX_PACKED = 10 * 1024 * 1024
MAX_UNPACKED = 30 * 1024 * 1024
MAX_MEMBER = 5 * 1024 * 1024
MAX_MEMBERS = 4_000
ENDINGS = (".tgz", ".tar.gz")

_BLOCK = 512
_LONGEST_NAME = 1_024
_REGULAR = (b"0", b"\0", b"7")
_GZIP = 31
_SPARSE = "a file in it has another size than its header says"


class Unpacked(NamedTuple):
    """The regular files of an archive by name, or why it is not read."""

    files: dict[str, bytes]
    why: str = ""


def is_archive(name: str) -> bool:
    """Whether a file name is that of a packaged chart."""
    return name.endswith(ENDINGS)


def unpack(content: bytes, budget: int = MAX_UNPACKED) -> Unpacked:
    """The files below the one folder of a packaged chart, without that folder's name.

    `budget`: how many bytes it may unpack to.
    """
    if len(content) > MAX_PACKED:
        return Unpacked({}, f"it has {len(content):,} bytes; the cap is {MAX_PACKED:,}")
    cap = min(budget, MAX_UNPACKED)
    inflater = zlib.decompressobj(_GZIP)
    try:
        data = inflater.decompress(content, cap + 1)
    except zlib.error:
        return Unpacked({}, "it is no gzip archive")
    if len(data) > cap:
        return Unpacked({}, f"it unpacks to more than {cap:,} bytes")
    if not inflater.eof:
        return Unpacked({}, "it is cut off")
    if inflater.unused_data.strip(b"\0"):  # Go reads on: files that nobody saw here
        return Unpacked({}, "something follows behind the end of it")
    try:
        members = _members(data)
    except _BrokenError as error:
        return Unpacked({}, str(error))
    files: dict[str, bytes] = {}
    for name, start, size in members:
        inner = name.partition("/")[2]
        if inner:
            files[inner] = data[start : start + size]
    return Unpacked(files)


class _BrokenError(Exception):
    """Why an archive is not read."""


def _members(data: bytes) -> list[tuple[str, int, int]]:
    """Name, offset and size of each regular file."""
    found: list[tuple[str, int, int]] = []
    at, count, longer = 0, 0, ""
    while at + _BLOCK <= len(data):
        header = data[at : at + _BLOCK]
        at += _BLOCK
        if not header.strip(b"\0"):
            break
        count += 1
        if count > MAX_MEMBERS:
            raise _BrokenError(f"it has more than {MAX_MEMBERS:,} files")
        size = _number(header[124:136])
        kind = header[156:157]
        start, at = at, at + (size + _BLOCK - 1) // _BLOCK * _BLOCK
        if at > len(data):
            raise _BrokenError("it is cut off")
        if kind in b"xL":  # a longer name for the next file, of POSIX and of GNU
            body = data[start : start + min(size, 64 * 1024)]
            longer = _long_name(body) if kind == b"x" else _text(body)
            continue
        if kind == b"S":
            raise _BrokenError(_SPARSE)
        name, longer = longer or _name(header), ""
        if kind in _REGULAR and name and not name.endswith("/"):
            if size > MAX_MEMBER:
                raise _BrokenError(f"a file in it has {size:,} bytes")
            found.append((_safe(name), start, size))
    return found


def _number(field: bytes) -> int:
    """An octal number of a header; those of a hundred gigabytes are not read."""
    text = field.strip(b" \0")
    if not text:
        return 0
    if not all(48 <= digit < 56 for digit in text):
        raise _BrokenError("a header in it is broken")
    return int(text, 8)


def _name(header: bytes) -> str:
    name = _text(header[:100])
    prefix = _text(header[345:500]) if header[257:262] == b"ustar" else ""
    return f"{prefix}/{name}" if prefix else name


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "replace")


def _long_name(records: bytes) -> str:
    """The `path` of a POSIX extended header: records `LENGTH KEY=VALUE` and a newline.

    One that gives the next file another size or holes is refused: Helm would see other
    contents than we do.
    """
    found = ""
    for line in records.split(b"\n"):
        key, equals, value = line.partition(b" ")[2].partition(b"=")
        if key == b"size" or key.startswith(b"GNU.sparse"):
            raise _BrokenError(_SPARSE)
        if equals and key == b"path":
            found = value.decode("utf-8", "replace")
    return found


def _safe(name: str) -> str:
    """A name that stays below the folder of the archive; refuses all others."""
    name = name.removeprefix("./")
    parts = name.split("/")
    odd = name.startswith("/") or "\\" in name or "\0" in name or ":" in parts[0]
    if odd or len(name) > _LONGEST_NAME or any(p in ("", ".", "..") for p in parts):
        raise _BrokenError("a file in it has a name that leads out of it")
    return name
