"""Config in folders that a scan leaves out: looked for, so that none hides there unsaid.

`vendor/`, `node_modules/`, caches and what `.gitignore` names are not the repository's
own, and what they hold is read where something of the scan uses it. What nothing uses
may still be applied by hand or by a pipeline: it is named, and where it is committed or
vendored the scan may not be called clean. Who means to leave it out says so by `exclude`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.discovery.listing import git_files
from mlsec_lint.patterns import regex
from mlsec_lint.source import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.discovery.tree import Tree

#: So many left out files are looked into, each up to so many bytes.
MOST = 2_000
HEAD = 256 * 1024
#: Reasons under which people put what is not theirs, and apply it all the same.
VENDORED = ("vendored", "history")
IGNORED = "ignored"

_TERRAFORM = (".tf", ".tf.json")
_YAML = (".yaml", ".yml")
_RESOURCE = regex(r"^\s*(?:resource|module)\s+\"|\"(?:resource|module)\"\s*:", re.MULTILINE)  # fmt: skip
_OBJECT = regex(r"^[\s\"'{-]*apiVersion[\"']?\s*:", re.MULTILINE)
_KIND = regex(r"^[\s\"'{-]*kind[\"']?\s*:\s*[\"']?(\w+)", re.MULTILINE)
_MODULE = regex(r"# [\w.~-]{1,200}(?:/[\w.~-]{1,200}){0,20} v\d")
_DEFINITION = "CustomResourceDefinition"
#: Files of tools that have an `apiVersion` and declare nothing.
_NO_OBJECTS = frozenset({"Chart.yaml", "skaffold.yaml", "kustomization.yaml"})


class LeftOut(NamedTuple):
    """A file that was left out and declares something, and under which reason."""

    path: str
    reason: str


def look(tree: Tree, names: list[LeftOut]) -> None:
    """Fill `tree.left_out` with those of the names that declare Terraform or objects."""
    wanted = [one for one in names if _may_declare(one)]
    for number, one in enumerate(wanted):
        if number >= MOST:
            tree.unseen.extend(wanted[number:])
            break
        head = tree.head(one.path, HEAD)
        if head is not None and _declares(one.path, head.decode("utf-8", "replace")):
            tree.left_out.append(one)
    installed = [
        one
        for one in (*tree.left_out, *tree.unseen)
        if one.reason not in (*VENDORED, IGNORED)
    ]
    if installed:
        committed = set(git_files(tree.root, others=False)[0] or ())
        tree.committed.update(o.path for o in installed if o.path in committed)


def _may_declare(one: LeftOut) -> bool:
    name = one.path.rpartition("/")[2]
    if name.endswith((*_TERRAFORM, *_YAML)):
        return name not in _NO_OBJECTS
    # packages are full of JSON that is none of ours
    return name.endswith(".json") and one.reason in (*VENDORED, IGNORED)


def _declares(path: str, text: str) -> bool:
    if path.endswith(_TERRAFORM):
        return _RESOURCE.search(text) is not None
    if _OBJECT.search(text) is None:
        return False
    kinds = {match[1] for match in _KIND.finditer(text)}
    return kinds != {_DEFINITION}


class _GoModules:
    """Which vendored files belong to a module that Go's `vendor/modules.txt` lists.

    `go mod vendor` puts them there with the YAML of their tests; `go build` refuses a
    list that does not fit `go.mod`. They are named, and gate only where all must be read.
    """

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._listed: dict[str, frozenset[str]] = {}

    def hold(self, path: str) -> bool:
        before, found, inside = f"/{path}".partition("/vendor/")
        if not found:
            return False
        folder = before.lstrip("/")
        if folder not in self._listed:
            self._listed[folder] = self._read(folder)
        parts = inside.split("/")[:-1]
        modules = self._listed[folder]
        return any("/".join(parts[:n]) in modules for n in range(1, len(parts) + 1))

    def _read(self, folder: str) -> frozenset[str]:
        stem = f"{folder}/" if folder else ""
        head = self.tree.head(f"{stem}vendor/modules.txt", HEAD)
        if head is None or self.tree.head(f"{stem}go.mod", 1) is None:
            return frozenset()
        lines = head.decode("utf-8", "replace").splitlines()
        return frozenset(
            line.split()[1] for line in lines if _MODULE.match(line) is not None
        )


def notes(tree: Tree) -> Iterator[Note]:
    """What was left out, declares something and was read by nobody: a note per folder."""
    folders: dict[tuple[str, str, bool], list[str]] = {}
    go = _GoModules(tree)
    for one in tree.left_out:
        if one.path not in tree.read and tree.wanted(one.path):
            gates = one.reason in VENDORED or one.path in tree.committed
            gates = gates and not go.hold(one.path)
            key = one.path.partition("/")[0], one.reason, gates
            folders.setdefault(key, []).append(one.path)
    for (_, reason, gates), paths in folders.items():
        words = (
            f"left out ({reason}): {_files(len(paths))} with Terraform resources or "
        )
        words += "Kubernetes objects that nothing else of the scan reads: "
        words += ", ".join(paths[:3]) + (", ..." if len(paths) > 3 else "")
        words += "; scan them by name, or name them under `exclude`"
        strict = gates or reason in (*VENDORED, IGNORED)
        yield Note("left-out", words, paths[0], incomplete=gates, strict_only=strict)
    unseen = [one for one in tree.unseen if tree.wanted(one.path)]
    if unseen:
        gates = any(o.reason in VENDORED or o.path in tree.committed for o in unseen)
        words = f"left out: {_files(len(unseen))} that nobody looked into: "
        words += f"{unseen[0].path}, ...; name them under `exclude`"
        yield Note("left-out", words, "", incomplete=gates, strict_only=gates)


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"
