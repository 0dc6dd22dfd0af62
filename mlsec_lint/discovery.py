"""The files of a scan: found, decoded, capped, confined to the scanned folder.

Knows names of files, never their formats. Nothing outside the folder is read, nothing
in it is executed (git runs with every hook of the repository's own configuration off),
and what is left out is counted by reason.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakValueDictionary

from mlsec_lint.source import Note, Source

if TYPE_CHECKING:
    import builtins
    from collections.abc import Iterable, Iterator, Sequence

    from pathspec import GitIgnoreSpec

#: Largest text that is decoded and parsed; larger files are noted and not analysed.
MAX_TEXT = 10 * 1024 * 1024
#: Largest file whose bytes are read at all (`file()`, `filebase64sha256()`).
MAX_BYTES = 100 * 1024 * 1024

#: Folders whose files are not the repository's own, with the reason they count under.
EXCLUDED_FOLDERS = {
    ".git": "git",
    ".hg": "git",
    ".svn": "git",
    ".terraform": "terraform-cache",
    ".terragrunt-cache": "terraform-cache",
    ".tox": "virtual-environment",
    ".nox": "virtual-environment",
    "__pycache__": "cache",
    ".mypy_cache": "cache",
    ".ruff_cache": "cache",
    ".pytest_cache": "cache",
    "node_modules": "node_modules",
    "bower_components": "node_modules",
    "site-packages": "virtual-environment",
    "third_party": "vendored",
    "vendor": "vendored",
}

#: A folder with this file is a virtual environment, whatever its name.
_VENV_MARK = "pyvenv.cfg"

#: Whole names that some reader wants.
_NAMES = frozenset(
    {
        ".dvcignore",
        ".env",
        ".netrc",
        ".pypirc",
        ".sky.yaml",
        ".terraform.lock.hcl",
        "Chart.lock",
        "Dockerfile",
        "Containerfile",
        "MLproject",
        "Pipfile",
        "Pipfile.lock",
        "Pulumi.yaml",
        "kustomization",
        "Kustomization",
        "netrc",
        "pip.conf",
        "poetry.lock",
        "pyproject.toml",
        "uv.lock",
    }
)

#: Endings that some reader wants, longest first where they overlap.
_ENDINGS = (
    ".tf",
    ".tf.json",
    ".tofu",
    ".tfvars",
    ".tfvars.json",
    ".tftest.hcl",
    ".hcl",
    ".yaml",
    ".yml",
    ".json",
    ".jsonc",
    ".tpl",
    ".tftpl",
    ".tmpl",
    ".gotmpl",
    ".j2",
    ".jinja",
    ".jinja2",
    ".sh",
    ".bash",
    ".sbatch",
    ".slurm",
    ".slrm",
    ".job",
    ".sub",
    ".pbs",
    ".dvc",
    ".env",
    ".bicep",
    ".toml",
    ".dockerfile",
)

_DATA_ENDINGS = (".json", ".jsonc", ".toml")


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
    * `notes`: what could not be read, in the order of the attempts;
    * `selected`: the paths that findings are wanted for, or None for all.

    Everything under the root can be read, excluded or not, except `.git`.
    """

    def __init__(
        self, root: str, *, max_text: int = MAX_TEXT, max_bytes: int = MAX_BYTES
    ) -> None:
        self.root = os.path.realpath(root)
        self.files: list[File] = []
        self.links: dict[str, str] = {}
        self.excluded: dict[str, int] = {}
        self.notes: list[Note] = []
        self.selected: frozenset[str] | None = None
        self.max_text = max_text
        self.max_bytes = max_bytes
        self._sources: WeakValueDictionary[str, Source] = WeakValueDictionary()
        self._noted: set[tuple[str, str]] = set()
        self._real: dict[str, str | None] = {}

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

    def _read(self, real: str, cap: int) -> builtins.bytes | None:
        """Read a regular file, never a fifo or a device, never through a late link."""
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)
        flags |= getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            handle = os.open(os.path.join(self.root, real), flags)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            self._note("unreadable", real, f"cannot be read: {why}")
            return None
        with os.fdopen(handle, "rb") as file:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                self._note("unreadable", real, "is no regular file")
                return None
            try:
                content = file.read(cap + 1) if status.st_size <= cap else None
            except OSError as error:
                self._note("unreadable", real, f"cannot be read: {error.strerror}")
                return None
        if content is None or len(content) > cap:
            size = max(status.st_size, cap + 1)
            why = f"has {size:,} bytes; the cap is {cap:,}"
            self._note("file-too-large", real, why)
            return None
        return content

    def _note(self, kind: str, path: str, words: str) -> None:
        """Note what was not read, once per file. Plain data files never gate."""
        if (kind, path) in self._noted:
            return
        self._noted.add((kind, path))
        gates = not path.endswith(_DATA_ENDINGS) or path.endswith(
            (".tf.json", ".tfvars.json")
        )
        self.notes.append(
            Note(
                kind,
                f"{path} {words}",
                path,
                incomplete=gates and kind != "outside-folder",
                strict_only=not gates,
            )
        )

    def count(self, reason: str, files: int = 1) -> None:
        """Count files that were left out."""
        self.excluded[reason] = self.excluded.get(reason, 0) + files


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
    names = _from_git(tree) if use_git else None
    _sort_out(tree, names or _walk(tree, ""), _patterns(exclude))
    _select(tree, paths)
    tree.files.sort()
    return tree


def is_relevant(path: str) -> bool:
    """Whether a reader may want a file of that name."""
    name = path.rsplit("/", 1)[-1]
    lower = name.lower()
    return (
        name in _NAMES
        or lower.endswith(_ENDINGS)
        or lower.startswith(("dockerfile.", "containerfile.", ".env."))
        or (lower.startswith("requirements") and lower.endswith((".txt", ".in")))
        or path.endswith((".dvc/config", ".dvc/config.local"))
    )


def excluded_by(path: str) -> str | None:
    """The reason for which a path lies in a tree that is not the repository's own."""
    if path.count("/") == 0:
        return None
    for part in path.split("/")[:-1]:
        if part in EXCLUDED_FOLDERS:
            return EXCLUDED_FOLDERS[part]
    return None


def _patterns(lines: Sequence[str]) -> GitIgnoreSpec | None:
    if not lines:
        return None
    import pathspec

    return pathspec.GitIgnoreSpec.from_lines(lines)


def _sort_out(tree: Tree, names: Iterable[str], exclude: GitIgnoreSpec | None) -> None:
    """Put each name where it belongs: files, links, or a reason to leave it out."""
    venvs: dict[str, bool] = {}
    seen: set[str] = set()
    for name in names:
        reason = excluded_by(name)
        if reason is None and _in_venv(tree, name, venvs):
            reason = "virtual-environment"
        if reason is None and exclude is not None and exclude.match_file(name):
            reason = "excluded-by-config"
        if reason is not None:
            if reason != "git":
                tree.count(reason)
        elif name not in seen:
            seen.add(name)
            _place(tree, name, seen)


def _in_venv(tree: Tree, name: str, known: dict[str, bool]) -> bool:
    folder = name.rpartition("/")[0]
    if not folder:
        return False
    found = known.get(folder)
    if found is None:
        mark = os.path.join(tree.root, folder, _VENV_MARK)
        found = _in_venv(tree, folder, known) or os.path.lexists(mark)
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
    if stat.S_ISLNK(status.st_mode):
        _place_link(tree, name)
    elif stat.S_ISDIR(status.st_mode):
        _place_nested(tree, name, seen)
    elif not stat.S_ISREG(status.st_mode):
        tree.count("special-file")
    elif is_relevant(name):
        tree.files.append(File(name, status.st_size))
    else:
        tree.count("other")


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
    from mlsec_lint.gitfiles import git_files

    names, why = git_files(tree.root)
    if why:
        words = f"git could not list the files ({why}); the folder was walked"
        tree.notes.append(Note("git-unavailable", words, ""))
    return names


def _walk(tree: Tree, top: str) -> Iterator[str]:
    """Names of files and links below a folder, ignore files honoured, sorted."""
    from mlsec_lint.gitfiles import walk_files

    return walk_files(tree.root, top, tree.count)
