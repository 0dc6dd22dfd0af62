"""Argo CD ApplicationSets: the applications that their generators make.

Lists of elements, and folders of the repository by pattern; what other generators give
(clusters, pull requests, files of other repositories) is not in the scan and is noted.
Argo CD 3.1 documentation, read 2026-11.
"""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

from mlsec_lint.kubernetes.objects import words
from mlsec_lint.patterns import regex
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.discovery import Tree

_ACTION = regex(r"\{\{-?\s*\.?([A-Za-z_][\w.-]{0,100})\s*-?\}\}")
_MAX_APPLICATIONS = 200
_MAX_VALUES = 5_000
_MAX_FOLDERS = 20_000
_MAX_DEPTH = 30


class ApplicationSets:
    """Makes applications of sets; `notes` say what no generator of the scan tells."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.notes: list[Note] = []
        self._folders: list[str] | None = None

    def applications(self, path: str, value: Value) -> Iterator[Value]:
        """The applications of one set, each as the object that it would be."""
        template = value.at("spec", "template")
        generators = value.at("spec", "generators")
        if template is None or generators is None:
            return
        count = 0
        for generator in generators.elements():
            for known in self._parameters(path, generator, 0):
                if count >= _MAX_APPLICATIONS:
                    return
                count += 1
                yield _Filler(known).value(template, 0)

    def _parameters(
        self, path: str, generator: Value, depth: int
    ) -> list[dict[str, str]]:
        """What one generator gives: a set of names and values for each application."""
        listed, git = generator.get("list"), generator.get("git")
        matrix = generator.get("matrix")
        if listed is not None and listed.get("elements") is not None:
            elements = listed.at("elements")
            return [_flat(e) for e in elements.elements()] if elements else []
        if git is not None and git.get("directories") is not None:
            return [_of_folder(folder) for folder in self._matching(git)]
        if matrix is not None and depth == 0:
            inner = matrix.get("generators")
            sides = [
                self._parameters(path, one, depth + 1)
                for one in (inner.elements() if inner is not None else ())[:2]
            ]
            return [
                {k: v for side in sides_ for k, v in side.items()}
                for sides_ in list(product(*sides))[:_MAX_APPLICATIONS]
            ]
        span = generator.span
        text = f"{path} has a generator of applications that the scan cannot follow"
        self.notes.append(
            Note("generator-not-read", text, path, span, strict_only=True)
        )
        return []

    def _matching(self, git: Value) -> list[str]:
        listed = git.get("directories")
        found: dict[str, bool] = {}
        for one in (listed.elements() if listed is not None else ())[:100]:
            pattern = words(one.get("path")).strip("/")
            if not pattern or len(pattern) > 500:
                continue
            wanted = pattern.split("/")
            leaves = words(one.get("exclude")) != "true"
            for folder in self.folders():
                if _matches(wanted, folder):
                    found[folder] = leaves and found.get(folder, True)
        return [folder for folder, kept in found.items() if kept]

    def folders(self) -> list[str]:
        """Every folder of the tree, sorted."""
        if self._folders is None:
            known: set[str] = set()
            for file in self.tree.files:
                folder = file.path.rpartition("/")[0]
                while folder and folder not in known and len(known) < _MAX_FOLDERS:
                    known.add(folder)
                    folder = folder.rpartition("/")[0]
            self._folders = sorted(known)
        return self._folders


def _matches(pattern: list[str], folder: str) -> bool:
    """Whether a folder fits a pattern, part by part; `*` does not cross a `/`."""
    parts = folder.split("/")
    return len(parts) == len(pattern) and all(map(_fits, pattern, parts))


def _fits(pattern: str, text: str) -> bool:
    """`*` and `?` in one part of a path, in time of pattern times text at most."""
    at = star = 0
    here, back = 0, -1
    while here < len(text):
        if (
            at < len(pattern)
            and pattern[at] in ("?", text[here])
            and pattern[at] != "*"
        ):
            at, here = at + 1, here + 1
        elif at < len(pattern) and pattern[at] == "*":
            at, star, back = at + 1, at + 1, here
        elif back >= 0:
            back += 1
            at, here = star, back
        else:
            return False
    return pattern[at:].strip("*") == ""


def _flat(element: Value, head: str = "", depth: int = 0) -> dict[str, str]:
    """The parameters of an element: `a.b` for what is nested."""
    found: dict[str, str] = {}
    for name, value in element.items():
        text = value.text()
        if isinstance(value.data, dict) and depth < 5:
            found.update(_flat(value, f"{head}{name}.", depth + 1))
        elif isinstance(text, str):
            found[f"{head}{name}"] = text
    return found


def _of_folder(folder: str) -> dict[str, str]:
    """The parameters of a folder, by their names with and without Go templates."""
    base = folder.rpartition("/")[2]
    normal = re.sub(r"[^a-z0-9-]", "-", base.lower())
    return {
        "path": folder,
        "path.path": folder,
        "path.basename": base,
        "path.basenameNormalized": normal,
    }


class _Filler:
    """Puts parameters into a template; bounded in size."""

    def __init__(self, known: dict[str, str]) -> None:
        self.known = known
        self.left = _MAX_VALUES

    def value(self, value: Value, depth: int) -> Value:
        self.left -= 1
        if self.left < 0 or depth > _MAX_DEPTH:
            return value
        if isinstance(value.data, dict):
            entries = {n: self.value(v, depth + 1) for n, v in value.data.items()}
            return value.replace(data=entries)
        if value.elements():
            made = tuple(self.value(e, depth + 1) for e in value.elements())
            return value.replace(data=made)
        return self.scalar(value)

    def scalar(self, value: Value) -> Value:
        unknown = value.data
        if isinstance(unknown, str):
            return value.replace(data=_ACTION.sub(self.put, unknown))
        if not isinstance(unknown, Unknown) or unknown.kind != "template":
            return value
        parts = [
            p if isinstance(p, str) else _ACTION.sub(self.put, p.name)
            for p in unknown.parts or (unknown,)
        ]
        text = "".join(parts)
        return value if "{{" in text else value.replace(data=text)

    def put(self, match: re.Match[str]) -> str:
        return self.known.get(match[1], match[0])
