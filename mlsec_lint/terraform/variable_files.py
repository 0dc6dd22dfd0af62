"""Variable files that Terraform does not load by itself, and the variants they make.

Who applies a root with `-var-file` keeps one file for each environment in it, beside
it, or in a folder of its own (`env/prod.tfvars`, `env/prod/terraform.tfvars`). Each of
them is a variant of the root: nothing is applied with the defaults alone.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex
from mlsec_lint.source import Note
from mlsec_lint.terraform.inputs import loaded_files

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.terraform.configuration import Folder
    from mlsec_lint.terraform.run import Files

    Variant = tuple[str, ...]

#: So many variants of a root are evaluated; each costs as much as the root.
MAX_VARIANTS = 6
#: So many files that lie under no root are tried for each.
MAX_STRAY = 64
_ENDS = (".tfvars", ".tfvars.json")
_WORD = regex(r"[a-z]+")
#: Words of files and folders that say: one file for each environment.
STAGES = frozenset(
    {
        "env",
        "envs",
        "environment",
        "environments",
        "workspaces",
        "stages",
        "dev",
        "devel",
        "development",
        "live",
        "preprod",
        "prod",
        "production",
        "qa",
        "sandbox",
        "stage",
        "staging",
        "stg",
        "test",
        "uat",
    }
)
#: Words of files that are given together with each of the others.
_SHARED = frozenset(
    {"all", "base", "common", "default", "defaults", "global", "shared"}
)
#: Words of files that are there to be copied.
_SAMPLES = frozenset({"example", "examples", "sample", "samples", "template"})


class VariableFiles:
    """The variable files of a scan by the root that they belong to."""

    def __init__(self, files: Files, folders: Iterable[str]) -> None:
        self.files = files
        self._folders = frozenset(folders)
        self._owned: dict[str, list[str]] = {}
        self._stray: list[str] = []
        for file in files.tree.files:
            if file.path.endswith(_ENDS):
                self._place(file.path)

    def _place(self, path: str) -> None:
        above = here = posixpath.dirname(path)
        while above not in self._folders:
            if not above:
                self._stray.append(path)
                return
            above = posixpath.dirname(above)
        if above != here or path not in loaded_files(self.files, here):
            self._owned.setdefault(above, []).append(path)

    def variants(self, folder: str) -> tuple[list[Variant], list[Note]]:
        """The variants of a root, [()] where it has none, and notes on what is left out.

        Where variables have no value, a variant gives all of them one. Where all have a
        value, only files that are named after environments make variants.
        """
        named = self.files.folder(folder)
        missing = self._missing(folder, named)
        owned = self._owned.get(folder, [])
        stray = self._stray[:MAX_STRAY] if missing else []
        found = self._fitting(sorted({*owned, *stray}), named, missing)
        if not missing:
            found = [one for one in found if _words(one[-1], folder) & STAGES]
        if len(found) <= MAX_VARIANTS:
            return found or [()], []
        text = (
            f"{len(found) - MAX_VARIANTS} of {len(found)} variable files are not "
            "evaluated: name those that matter under `tfvars` in the config file"
        )
        left = found[MAX_VARIANTS][-1]
        return found[:MAX_VARIANTS], [Note("bound", text, left, incomplete=True)]

    def _missing(self, folder: str, named: Folder) -> set[str]:
        given: set[str] = set()
        for path in loaded_files(self.files, folder):
            given |= self._names(path)
        return {
            name
            for name, declared in named.variables.items()
            if name not in given and "default" not in declared.content.attributes
        }

    def _fitting(
        self, paths: list[str], named: Folder, missing: set[str]
    ) -> list[Variant]:
        fits = [path for path in paths if self._names(path) & named.variables.keys()]
        shared = tuple(path for path in fits if _stem_words(path) & _SHARED)
        base = set().union(*map(self._names, shared)) if shared else set()
        single = [path for path in fits if path not in shared]
        single = [p for p in single if not _stem_words(p) & _SAMPLES] or single
        whole = [
            (*shared, path) for path in single if missing <= base | self._names(path)
        ]
        if not whole and shared and missing and missing <= base:
            return [shared]
        return whole

    def _names(self, path: str) -> set[str]:
        body = self.files.body(path)
        return set(body.attributes) if body is not None else set()


def titles(variants: list[Variant], folder: str) -> list[str]:
    """What each variant is called: "" where there is only one, else by its last file."""
    if len(variants) <= 1:
        return [""] * len(variants)
    names = [posixpath.basename(one[-1]) for one in variants]
    if len(set(names)) < len(names):
        return [posixpath.relpath(one[-1], folder or ".") for one in variants]
    return names


def stem(path: str) -> str:
    """The name of a variable file without its ending."""
    name = posixpath.basename(path)
    for end in _ENDS:
        name = name.removesuffix(end)
    return name


def _stem_words(path: str) -> set[str]:
    return set(_WORD.findall(stem(path).lower()))


def _words(path: str, folder: str) -> set[str]:
    """The words of a file's name and of its folders under the root's."""
    place = posixpath.relpath(posixpath.dirname(path) or ".", folder or ".")
    return _stem_words(path) | set(_WORD.findall(place.lower()))
