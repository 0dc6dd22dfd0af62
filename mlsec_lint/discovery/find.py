"""Puts each name of a folder where it belongs: a file, a link, or left out and counted."""

from __future__ import annotations

import os
import stat
from itertools import islice
from typing import TYPE_CHECKING

from mlsec_lint.discovery.left_out import IGNORED, LeftOut, look
from mlsec_lint.discovery.listing import git_files, walk_files
from mlsec_lint.discovery.names import VENV_FOLDERS, VENV_MARK, excluded_by, is_relevant
from mlsec_lint.discovery.tree import MAX_BYTES, MAX_TEXT, File, Tree
from mlsec_lint.source import Note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pathspec import GitIgnoreSpec


#: Texts that tell people how the repository is used.
PROSE = (".md", ".markdown")
#: Scripts without an ending are looked into up to this size.
_LARGEST_SCRIPT = 1024 * 1024
#: So many names that `.gitignore` leaves out are looked at.
_MOST_IGNORED = 20_000


def discover(
    root: str,
    paths: Sequence[str] = (),
    *,
    exclude: Sequence[str] = (),
    max_text: int = MAX_TEXT,
    max_bytes: int = MAX_BYTES,
    use_git: bool = True,
) -> Tree:
    """The files of a scan of one folder (or of the folder of one file).

    `paths` (absolute, or relative to the root) restricts what findings are wanted for;
    the whole root stays readable. `exclude` are patterns in the syntax of .gitignore.
    A root that does not exist gives an empty tree with a note.
    """
    tree = Tree(root, max_text=max_text, max_bytes=max_bytes)
    if not os.path.isdir(tree.root):
        tree.notes.append(
            Note("unreadable", f"{root} is no folder", "", incomplete=True)
        )
        return tree
    names: Iterable[str] | None = _from_git(tree) if use_git else None
    ignored: list[str] = []
    if not names:
        names = walk_files(tree.root, "", tree.count, ignored)
    patterns = _patterns(exclude)
    left_out = _sort_out(tree, names, patterns)
    _add_linked(tree)
    _select(tree, paths)
    tree.files.sort()
    tree.prose.sort()
    look(tree, [*left_out, *_inside(tree, ignored, patterns)])
    return tree


def _inside(
    tree: Tree, ignored: Iterable[str], exclude: GitIgnoreSpec | None
) -> Iterator[LeftOut]:
    """What `.gitignore` leaves out of a folder that git does not know.

    Packages and caches among them are left out twice: they are not looked into.
    """
    names = (
        inner
        for name in ignored
        for inner in (_walk(tree, name.rstrip("/")) if name[-1] == "/" else (name,))
    )
    for name in islice(names, _MOST_IGNORED):
        theirs = excluded_by(name) is not None or _in_venv(tree, name, {})
        if not theirs and (exclude is None or not exclude.match_file(name)):
            yield LeftOut(name, IGNORED)


def _patterns(lines: Sequence[str]) -> GitIgnoreSpec | None:
    if not lines:
        return None
    import pathspec

    return pathspec.GitIgnoreSpec.from_lines(lines)


def _sort_out(
    tree: Tree, names: Iterable[str], exclude: GitIgnoreSpec | None
) -> list[LeftOut]:
    """Put each name where it belongs: files, links, or a reason to leave it out.

    Gives those that lie in a folder that is left out.
    """
    left_out: list[LeftOut] = []
    venvs: dict[str, bool] = {}
    seen: set[str] = set()
    for name in names:
        reason = excluded_by(name)
        if reason is None and _in_venv(tree, name, venvs):
            reason = "virtual-environment"
        if exclude is not None and exclude.match_file(name):
            reason = "excluded-by-config"
        elif reason not in (None, "git"):
            left_out.append(LeftOut(name, reason))
        if reason is not None:
            if reason != "git":
                tree.count(reason)
        elif name not in seen:
            seen.add(name)
            _place(tree, name, seen)
    return left_out


def _in_venv(tree: Tree, name: str, known: dict[str, bool]) -> bool:
    """Whether a name lies in what a virtual environment installs.

    Only there: a mark laid beside a stranger's own files hides none of them.
    """
    folder = name.rpartition("/")[0]
    if not folder:
        return False
    found = known.get(folder)
    if found is None:
        above, _, last = folder.rpartition("/")
        mark = os.path.join(tree.root, above, VENV_MARK)
        found = _in_venv(tree, folder, known) or (
            above != "" and last in VENV_FOLDERS and os.path.lexists(mark)
        )
        known[folder] = found
    return found


def _place(tree: Tree, name: str, seen: set[str]) -> None:
    """Look at one name without following it, then file it."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        if is_relevant(name):
            words = f"{shown}: the file's name is not UTF-8"
            tree.notes.append(Note("unreadable", words, shown, incomplete=True))
        tree.count("unreadable-name")
        return
    try:
        status = os.lstat(os.path.join(tree.root, name))
    except (OSError, ValueError):
        tree.count("missing")  # in git's index, not in the work tree
        return
    if stat.S_ISLNK(status.st_mode) or not tree.is_real(name.rstrip("/")):
        _place_link(tree, name)
    elif stat.S_ISDIR(status.st_mode):
        _place_nested(tree, name, seen)
    elif not stat.S_ISREG(status.st_mode):
        tree.count("special-file")
    elif is_relevant(name) or _is_script(tree, name, status):
        tree.files.append(File(name, status.st_size))
    else:
        tree.count("other")
        if name.lower().endswith(PROSE):
            tree.prose.append(name)


def _is_script(tree: Tree, name: str, status: os.stat_result) -> bool:
    """Whether a small file without an ending begins like a script (a job to submit)."""
    if "." in name.rpartition("/")[2] or not 2 < status.st_size <= _LARGEST_SCRIPT:
        return False
    return tree.begins_with(name, b"#!")


def _place_link(tree: Tree, name: str) -> None:
    """A link to a file in the folder is another name of it; a folder is walked itself."""
    if tree.is_folder(name):
        tree.count("symlinked-folder")
        return
    real = tree.realpath(name)
    if real is not None and tree.exists(real):
        tree.links[name] = real
        return
    tree.count("broken-link" if real is not None else "link-outside")
    if is_relevant(name):
        where = "nowhere" if real is not None else "outside the scanned folder"
        words = f"{name} is a symlink that leads {where}"
        tree.notes.append(Note("unreadable", words, name, incomplete=True))


def _place_nested(tree: Tree, name: str, seen: set[str]) -> None:
    """A submodule or a nested repository: walk it, or say that it is not there."""
    name = name.rstrip("/")
    if not tree.listing(name):
        words = f"{name} is a submodule that is not checked out"
        note = Note("module-not-read", words, name, strict_only=True)
        tree.notes.append(note)
        return
    for inner in _walk(tree, name):
        if inner not in seen:
            seen.add(inner)
            reason = excluded_by(inner)
            if reason is None:
                _place(tree, inner, seen)
            else:
                tree.count(reason)


def _add_linked(tree: Tree) -> None:
    """What a link of the repository's own leads to is its own, wherever it lies."""
    known = {file.path for file in tree.files}
    for name, real in sorted(tree.links.items()):
        if real not in known and (is_relevant(name) or is_relevant(real)):
            known.add(real)
            size = os.stat(os.path.join(tree.root, real)).st_size
            tree.files.append(File(real, size))


def _select(tree: Tree, paths: Sequence[str]) -> None:
    """Resolve the wanted paths; one that was left out as vendored comes back."""
    if not paths:
        return
    known = {file.path for file in tree.files}
    selected: set[str] = set()
    for path in paths:
        real = tree.realpath(path)
        if real is None:
            words = f"{path} lies outside the scanned folder"
            tree.notes.append(Note("outside-folder", words, path, incomplete=True))
            continue
        if real == "":
            return
        selected.add(real)
        for inner in _named(tree, real):
            if inner not in known and is_relevant(inner) and tree.exists(inner):
                known.add(inner)
                size = os.stat(os.path.join(tree.root, inner)).st_size
                tree.files.append(File(inner, size))
    tree.selected = frozenset(selected)


def _named(tree: Tree, real: str) -> Iterator[str]:
    """The files that a named path stands for, when it lies in an excluded tree."""
    if not tree.is_folder(real):
        yield real
    elif excluded_by(real + "/x") is not None:
        for inner in _walk(tree, real):
            if excluded_by(inner[len(real) + 1 :]) is None:
                yield inner


def _from_git(tree: Tree) -> list[str] | None:
    """What git knows and what it does not ignore; None where there is no work tree."""
    names, why = git_files(tree.root)
    if why:
        words = f"git could not list the files ({why}); the folder was walked"
        tree.notes.append(Note("git-unavailable", words, ""))
    return names


def _walk(tree: Tree, top: str) -> Iterator[str]:
    """Names of files and links below a folder, ignore files honoured, sorted."""
    return walk_files(tree.root, top, tree.count)
