"""Names of the files of a folder, from git or by walking. Knows no formats.

The repository is a stranger's: git runs with scrubbed variables, a fixed list of
settings that switch off everything a repository's own configuration could execute,
and no way to a network.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pathspec import GitIgnoreSpec

#: Settings on git's command line win over those of the scanned repository.
_SAFE = (
    "-c", "core.fsmonitor=false",
    "-c", "core.untrackedCache=false",
    "-c", f"core.excludesFile={os.devnull}",
    "-c", f"core.attributesFile={os.devnull}",
    "-c", f"core.hooksPath={os.devnull}",
    "-c", "core.sshCommand=false",
    "-c", "core.pager=cat",
    "-c", "credential.helper=",
    "-c", "protocol.allow=never",
    "-c", "safe.bareRepository=explicit",
    "-c", "submodule.recurse=false",
)  # fmt: skip

#: git is asked for names only; on a repository of 10^6 files it takes seconds.
_SECONDS = 120


def git_files(root: str, *, others: bool = True) -> tuple[list[str] | None, str]:
    """Names relative to a folder in a git work tree, and why there are none.

    `others`: also those that are not committed and not ignored.

    (None, "") where the folder is in no work tree or git is not installed;
    (None, why) where git refuses or fails.
    """
    more = ("--others", "--exclude-standard") if others else ()
    arguments = ("ls-files", "-z", "--cached", *more)
    answer, why = ask_git(root, arguments)
    if answer is None:
        return None, why
    names = [os.fsdecode(name) for name in answer.split(b"\0") if name]
    return sorted(set(names)), ""


def ask_git(
    root: str, arguments: Sequence[str], stdin: bytes = b""
) -> tuple[bytes | None, str]:
    """What git answers in a folder, and why there is no answer.

    (None, "") where the folder is in no work tree; (None, why) where git is not
    installed, refuses or fails.
    """
    if not _has_repository(root):
        return None, ""
    git = _find_git(root)
    if git is None:
        return None, "git is not installed"
    try:
        done = subprocess.run(
            [git, *_SAFE, *arguments],
            cwd=root,
            env=_environment(),
            input=stdin,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None, f"no answer in {_SECONDS} s"
    except OSError as error:
        return None, str(error.strerror)
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        return None, lines[0] if lines else f"exit code {done.returncode}"
    return done.stdout, ""


def _has_repository(root: str) -> bool:
    """Whether the folder or one above it holds `.git`: else git is not even asked."""
    here = root
    while True:
        if os.path.lexists(os.path.join(here, ".git")):
            return True
        above = os.path.dirname(here)
        if above == here:
            return False
        here = above


def _find_git(root: str) -> str | None:
    """Path of git: from an absolute entry of PATH that does not lie in the scanned folder."""
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    kept = [
        entry
        for entry in entries
        if os.path.isabs(entry)
        and not (os.path.realpath(entry) + os.sep).startswith(root + os.sep)
    ]
    return shutil.which("git", path=os.pathsep.join(kept)) if kept else None


def _environment() -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    kept.update(
        GIT_OPTIONAL_LOCKS="0",
        GIT_NO_LAZY_FETCH="1",
        GIT_NO_REPLACE_OBJECTS="1",
        GIT_ALLOW_PROTOCOL="none",
        GIT_TERMINAL_PROMPT="0",
        LC_ALL="C",
    )
    return kept


def walk_files(
    root: str,
    top: str,
    count: Callable[[str, int], None],
    ignored: list[str] | None = None,
) -> Iterator[str]:
    """Names below `top`, relative to `root`, in order, nested .gitignore honoured.

    Links are named, never followed; what .gitignore leaves out is counted as
    `ignored` (a whole folder as one) and named in the list `ignored`.
    """
    stack: list[tuple[str, tuple[tuple[str, GitIgnoreSpec], ...]]] = [(top, ())]
    while stack:
        folder, specs = stack.pop()
        folders, files, unreadable = _entries(os.path.join(root, folder))
        if unreadable:
            count("unreadable-folder", 1)
        prefix = f"{folder}/" if folder else ""
        if ".gitignore" in files:
            spec = _read_ignore(os.path.join(root, prefix, ".gitignore"))
            specs = specs if spec is None else (*specs, (prefix, spec))
        for name in files:
            path = prefix + name
            if specs and _is_ignored(path, specs):
                count("ignored", 1)
                if ignored is not None:
                    ignored.append(path)
            else:
                yield path
        for name in reversed(folders):
            if name == ".git":
                continue
            path = prefix + name
            if specs and _is_ignored(path + "/", specs):
                count("ignored", 1)
                if ignored is not None:
                    ignored.append(path + "/")
            else:
                stack.append((path, specs))


def _entries(folder: str) -> tuple[list[str], list[str], bool]:
    """Sorted names of real folders, and of everything else."""
    folders: list[str] = []
    files: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                real = entry.is_dir(follow_symlinks=False)
                (folders if real else files).append(entry.name)
    except OSError:
        return [], [], True
    return sorted(folders), sorted(files), False


def _read_ignore(path: str) -> GitIgnoreSpec | None:
    import pathspec

    if os.path.islink(path) or not os.path.isfile(path):
        return None
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read(1 << 20).splitlines()
    except OSError:
        return None
    kept = [line for line in lines if _parses(line)]
    return pathspec.GitIgnoreSpec.from_lines(kept)


def _parses(line: str) -> bool:
    import pathspec

    try:
        pathspec.GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True


def _is_ignored(path: str, specs: tuple[tuple[str, GitIgnoreSpec], ...]) -> bool:
    """The deepest .gitignore that says something decides, as in git."""
    for prefix, spec in reversed(specs):
        verdict = spec.check_file(path[len(prefix) :]).include
        if verdict is not None:
            return verdict
    return False
