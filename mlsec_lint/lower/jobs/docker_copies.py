"""Which file of the build context a path in an image is, by the COPYs before it."""

from __future__ import annotations

import posixpath
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.jobs.docker_stages import Instruction

_MOST = 200
_LONGEST = 500


class _Copy(NamedTuple):
    """One source of a COPY and where it goes; `inside`: certainly into a folder."""

    source: str
    target: str
    inside: bool


class Copies:
    """What a stage has copied so far out of the build context."""

    def __init__(self) -> None:
        self._found: list[_Copy] = []

    def add(self, instruction: Instruction, working: str) -> None:
        """Keep a COPY or ADD of files of the context; one from another stage is none."""
        words = instruction.arguments()
        if "from" in instruction.flags or len(words) < 2:
            return
        *sources, target = words[:_MOST]
        inside = len(sources) > 1 or target.endswith("/") or target in (".", "./")
        place = _joined(working, target)
        for source in sources:
            if len(self._found) < _MOST and len(source) < _LONGEST:
                self._found.append(_Copy(source, place, inside))

    def sources(self, path: str, working: str) -> Iterator[str]:
        """Paths in the context that a path in the image may come from, latest first."""
        place = _joined(working, path)
        folder, name = posixpath.split(place)
        for copy in reversed(self._found if len(path) < _LONGEST else []):
            around, own = posixpath.split(posixpath.normpath(copy.source))
            if copy.target == folder and fnmatchcase(name, own):
                yield posixpath.join(around, name).lstrip("/")
            elif copy.target == place and not copy.inside:
                yield posixpath.normpath(copy.source).lstrip("/")
            elif place.startswith(f"{copy.target.rstrip('/')}/"):
                rest = place[len(copy.target.rstrip("/")) + 1 :]
                yield posixpath.normpath(posixpath.join(copy.source, rest)).lstrip("/")


def _joined(working: str, path: str) -> str:
    return posixpath.normpath(posixpath.join("/", working, path[:_LONGEST]))
