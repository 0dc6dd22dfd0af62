"""Hydra's defaults lists: the config that a primary file and its groups make together.

Only what is plain: names of options as written, files under the primary's own folder,
packages by group, `@package` and `group@package`. Sweeps, search paths, overrides of a
command line and options behind `${...}` are left out. Order as of Hydra 1.1 and later: a
file overrides its defaults unless `_self_` says otherwise (hydra.cc/docs, read 2026-11).
"""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.patterns import regex
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.parse.document import Document

_PACKAGE = regex(r"#\s*@package\s+([\w.]+)")
_NAME = regex(r"[\w./-]{1,200}")
_MAX_FILES = 50
_MAX_DEPTH = 20


class _Entry(NamedTuple):
    """One line of a defaults list: a file, and the package that it goes to."""

    path: str
    package: str


def compose_hydra(inputs: Inputs, estate: Estate) -> None:
    """Put the composed config in the place of each primary file of the scan.

    `inputs.groups` remembers the group files: who claims the config claims them too.
    """
    del estate
    new: dict[int, Document] = {}
    known: dict[str, Document] = {}
    for path, document in inputs.documents:
        known.setdefault(path, document)
    for at, (path, document) in enumerate(inputs.documents):
        if id(document) in inputs.claimed or not has_defaults(document.value):
            continue
        task = _Composition(known, posixpath.dirname(path))
        whole = task.file(path, document.value, "", "", 0)
        if task.taken:
            first = {"defaults": document.value.data["defaults"]}
            value = whole.replace(data=first | dict(whole.items()))
            made = replace(document, value=value)
            inputs.documents[at] = (path, made)
            new[id(document)] = made
            inputs.groups[id(made)] = task.taken
    for number, taken in list(inputs.groups.items()):
        inputs.groups[number] = [new.get(id(part), part) for part in taken]


def has_defaults(value: Value) -> bool:
    """Whether a config has a defaults list, as Hydra writes them."""
    defaults = value.get("defaults") if isinstance(value.data, dict) else None
    return defaults is not None and any(
        isinstance(entry.data, dict) or entry.data == "_self_"
        for entry in defaults.elements()
    )


class _Composition:
    def __init__(self, documents: dict[str, Document], root: str) -> None:
        self.documents = documents
        self.root = root
        self.taken: list[Document] = []

    def file(
        self, path: str, value: Value, group: str, package: str, depth: int
    ) -> Value:
        """A file with its own defaults, put under its package."""
        own = {n: v for n, v in value.items() if n != "defaults"}
        mine = _under(value.replace(data=own), package)
        if depth >= 4:
            return mine
        whole = value.replace(data={})
        selfish = False
        for entry in self.entries(value, group):
            if entry is None:
                whole, selfish = _merged(whole, mine, 0), True
                continue
            document = self.document(entry.path)
            if document is None or entry.path == path:
                continue
            self.taken.append(document)
            into = _package_of(document, entry.package)
            folder = posixpath.dirname(posixpath.relpath(entry.path, self.root or "."))
            part = self.file(entry.path, document.value, folder, into, depth + 1)
            whole = _merged(whole, part, 0)
        return whole if selfish else _merged(whole, mine, 0)

    def document(self, path: str) -> Document | None:
        found = self.documents.get(path)
        if found is None or len(self.taken) >= _MAX_FILES:
            return None
        return found if isinstance(found.value.data, dict) else None

    def entries(self, value: Value, group: str) -> Iterator[_Entry | None]:
        """The files of a defaults list in order; None where the file itself stands."""
        defaults = value.get("defaults")
        listed = defaults.elements()[:_MAX_FILES] if defaults is not None else ()
        chosen = _overrides(listed)
        for entry in listed:
            text = entry.data
            if text == "_self_":
                yield None
            elif isinstance(text, str):
                yield from self.named(text, "", group)
            for name, option in entry.items():
                words = name.split()
                if "override" in words or not words:
                    continue
                key = words[-1]
                option = chosen.get(key.partition("@")[0], option)
                for one in option.elements() or (option,):
                    if isinstance(one.data, str):
                        yield from self.named(one.data, key, group)

    def named(self, option: str, key: str, group: str) -> Iterator[_Entry]:
        """The file of an option; nothing for Hydra's own groups and unknown names."""
        folder, _, package = key.partition("@")
        if folder.startswith("hydra") or not _NAME.fullmatch(option):
            return
        whole = f"{folder}/{option}" if folder else option
        whole = whole if whole.startswith("/") else f"{group}/{whole}"
        whole = posixpath.normpath(whole.strip("/").removesuffix(".yaml"))
        if whole.startswith(".."):
            return
        path = posixpath.normpath(posixpath.join(self.root, whole + ".yaml"))
        into = package or posixpath.dirname(whole).replace("/", ".")
        yield _Entry(path, "" if into == "_global_" else into)


def _overrides(listed: tuple[Value, ...]) -> dict[str, Value]:
    """`override group: option`: the choice that counts."""
    found: dict[str, Value] = {}
    for entry in listed:
        for name, option in entry.items():
            words = name.split()
            if len(words) == 2 and words[0] == "override":
                found[words[1].partition("@")[0].lstrip("/")] = option
    return found


def _package_of(document: Document, package: str) -> str:
    """The package that a file's first comment asks for, else that of its group."""
    source = document.span.source
    head = source.text[max(0, document.span.start - 400) : document.span.start + 400]
    match = _PACKAGE.search(head)
    if match is None or match[1] == "_group_":
        return package
    return "" if match[1] == "_global_" else match[1]


def _under(value: Value, package: str) -> Value:
    for name in reversed([p for p in package.split(".") if p][:_MAX_DEPTH]):
        value = Value({name: value}, value.span, key=value.key)
    return value


def _merged(first: Value, second: Value, depth: int) -> Value:
    """Two mappings as one; where both state something, the second."""
    if depth > _MAX_DEPTH or not isinstance(second.data, dict):
        return second
    if not isinstance(first.data, dict):
        return second
    data = dict(first.data)
    for name, value in second.data.items():
        known = data.get(name)
        data[name] = value if known is None else _merged(known, value, depth + 1)
    return first.replace(data=data)
