"""Which file of one state is which of the other: files that were renamed or moved.

Git could tell, but its comparison with a work tree runs the filters that the
repository's settings name. So files are compared as they were read: the same contents,
else most lines in common.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.discovery import Tree

#: So much of the longer file's lines must be common, in hundredths, as git has it.
ALIKE = 50
#: Lines that stand in more files than that say nothing about a rename.
_FREQUENT = 20
#: Files of one side that are looked at for a rename of similar contents.
_MOST = 5_000
_MOVED = regex(r"^[ \t]*moved[ \t]*\{([^{}]{1,2000})\}", re.MULTILINE)
_END = {
    "from": re.compile(r"^[ \t]*from[ \t]*=[ \t]*(\S{1,500})", re.MULTILINE),
    "to": re.compile(r"^[ \t]*to[ \t]*=[ \t]*(\S{1,500})", re.MULTILINE),
}


class Files:
    """The files of two states. `renamed` leads from names before to names after."""

    def __init__(self, before: Tree, after: Tree) -> None:
        self.before = before
        self.after = after
        old = {file.path for file in before.files}
        new = {file.path for file in after.files}
        gone, come = sorted(old - new), sorted(new - old)
        self.renamed = _renamed(_texts(before, gone), _texts(after, come))
        self.folders = _folders(self.renamed, new)
        self._same: dict[str, bool] = {}

    def moved(self, path: str) -> str:
        """The name after of a file or folder before; itself where it was not moved."""
        found = self.renamed.get(path)
        if found is not None:
            return found
        return self.folders.get(path, path)

    def is_touched(self, path: str) -> bool:
        """Whether the file that has this name before is not the very same one after."""
        known = self._same.get(path)
        if known is None:
            known = self._same[path] = self._is_same(path)
        return not known

    def _is_same(self, path: str) -> bool:
        here, there = self.before, self.after
        link = _target(here, path)
        if link is not None:
            return link == _target(there, self.moved(path))
        if not here.exists(path) or not there.exists(self.moved(path)):
            return False
        old = here.bytes(path)
        return old is not None and old == there.bytes(self.moved(path))


def _target(tree: Tree, path: str) -> str | None:
    """Where a link says that it leads; None for what is no link."""
    try:
        return os.readlink(os.path.join(tree.root, path))
    except (OSError, ValueError):
        return None


def moves(tree: Tree) -> tuple[tuple[str, str], ...]:
    """What `moved` blocks of Terraform say: pairs of addresses in their module."""
    found: dict[tuple[str, str], None] = {}
    for file in tree.files:
        source = tree.source(file.path) if file.path.endswith(".tf") else None
        for block in _MOVED.finditer(source.text) if source is not None else ():
            ends = [pattern.search(block[1]) for pattern in _END.values()]
            if ends[0] is not None and ends[1] is not None:
                found[ends[0][1], ends[1][1]] = None
    return tuple(found)


def _texts(tree: Tree, paths: Iterable[str]) -> dict[str, str]:
    found = {}
    for path in paths:
        source = tree.source(path)
        if source is not None and source.text.strip():
            found[path] = source.text
    return found


def _renamed(gone: dict[str, str], come: dict[str, str]) -> dict[str, str]:
    """Pairs of the same contents, then of similar ones, best first, each name once."""
    found: dict[str, str] = {}
    by_text: dict[str, list[str]] = {}
    for path, text in come.items():
        by_text.setdefault(text, []).append(path)
    for path, text in gone.items():
        same = by_text.get(text)
        if same:
            best = min(same, key=lambda name: (_apart(path, name), name))
            same.remove(best)
            found[path] = best
    taken = set(found.values())
    old = {p: t for p, t in gone.items() if p not in found}
    new = {p: t for p, t in come.items() if p not in taken}
    for path, other in _alike(old, new):
        if path not in found and other not in taken:
            found[path] = other
            taken.add(other)
    return found


def _apart(path: str, other: str) -> tuple[bool, bool]:
    """How unlike two names are: another last part, another folder."""
    folder, _, name = path.rpartition("/")
    folder_, _, name_ = other.rpartition("/")
    return name != name_, folder != folder_


def _alike(old: dict[str, str], new: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Pairs with enough lines in common, the most alike first."""
    lines = {p: _lines(t) for p, t in list(old.items())[:_MOST]}
    lines_ = {p: _lines(t) for p, t in list(new.items())[:_MOST]}
    holders: dict[str, list[str]] = {}
    for path, counted in lines_.items():
        for line in counted:
            holders.setdefault(line, []).append(path)
    scored = []
    for path, counted in lines.items():
        common: Counter[str] = Counter()
        for line, number in counted.items():
            among = holders.get(line, ())
            for other in among if len(among) <= _FREQUENT else ():
                common[other] += min(number, lines_[other][line])
        for other, number in common.items():
            longer = max(counted.total(), lines_[other].total())
            if number * 100 >= longer * ALIKE:
                alike = number * 100 // longer
                scored.append((-alike, _apart(path, other), path, other))
    for _, _, path, other in sorted(scored):
        yield path, other


def _lines(text: str) -> Counter[str]:
    return Counter(line.strip() for line in text.split("\n") if line.strip())


def _folders(renamed: dict[str, str], new: Iterable[str]) -> dict[str, str]:
    """Folders that are gone, and where most of their files went."""
    left = {folder for path in new for folder in _above(path)}
    votes: dict[str, Counter[str]] = {}
    for path, other in renamed.items():
        for folder in _above(path):
            rest = path[len(folder) :]
            if folder not in left and other.endswith(rest):
                votes.setdefault(folder, Counter())[other[: -len(rest)]] += 1
    for path, other in renamed.items():  # files that got another name with the folder
        folder, there = path.rpartition("/")[0], other.rpartition("/")[0]
        if folder and folder not in left and folder not in votes:
            votes[folder] = Counter([there])
    return {folder: found.most_common(1)[0][0] for folder, found in votes.items()}


def _above(path: str) -> Iterator[str]:
    at = path.rfind("/")
    while at > 0:
        yield path[:at]
        at = path.rfind("/", 0, at)
