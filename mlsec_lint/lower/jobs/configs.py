"""Config files that a command line names: in a mounted ConfigMap, or in the repository."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from mlsec_lint.lower.in_terraform.texts import documents_in
from mlsec_lint.lower.jobs.sourced import Scripts
from mlsec_lint.parse.embedded import embedded
from mlsec_lint.parse.yaml import yaml_documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.parse.document import Document
    from mlsec_lint.value import Value

_SUFFIXES = (".yaml", ".yml", ".json")
_MAX_EMBEDDED = 1_000_000


class Configs:
    """The documents of a scan by path; one that a program reads is claimed by it."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self.texts = Scripts(inputs.texts)
        self._by_name: dict[str, list[tuple[str, Document]]] = {}
        for path, document in inputs.documents:
            name = posixpath.basename(path)
            self._by_name.setdefault(name, []).append((path, document))

    def find(self, path: str, near: str = "") -> Value | None:
        """The config that a path of a job means; None where none or several fit.

        A relative path is tried from the folder of `near` upwards first. Else the
        longest end of the path that a single file of the repository has.
        """
        if not path.endswith(_SUFFIXES):
            return None
        found = self._by_name.get(posixpath.basename(path), [])
        if not found:
            return None
        document = self._beside(path, near, found) or self._by_end(path, found)
        if document is None or not isinstance(document.value.data, dict):
            return None
        self._inputs.claimed.add(id(document))
        return document.value

    @staticmethod
    def _beside(
        path: str, near: str, found: Iterable[tuple[str, Document]]
    ) -> Document | None:
        if path.startswith("/"):
            return None
        known = dict(found)
        folder = posixpath.dirname(near)
        for _ in range(32):
            wanted = posixpath.normpath(posixpath.join(folder, path))
            if wanted in known:
                return known[wanted]
            if not folder:
                return None
            folder = posixpath.dirname(folder)
        return None

    @staticmethod
    def _by_end(path: str, found: list[tuple[str, Document]]) -> Document | None:
        parts = [p for p in path.split("/") if p not in ("", ".", "..")]
        for length in range(min(len(parts), 6), 0, -1):
            end = "/".join(parts[-length:])
            fitting = [
                document
                for known, document in found
                if known == end or known.endswith("/" + end)
            ]
            if len(fitting) == 1:
                return fitting[0]
            if len(fitting) > 1:
                return None
        return None


def inner_document(value: Value) -> Value | None:
    """The YAML mapping in a scalar (a ConfigMap's entry), with the file's positions.

    Template actions in it are unknowns of the inner document.
    """
    for found in _inside(value):
        if isinstance(found.data, dict):
            return found
    return None


def inner_documents(value: Value) -> list[Value]:
    """Every YAML document in a scalar, with the file's positions."""
    return list(_inside(value))


def _inside(value: Value) -> Iterator[Value]:
    """The documents in a scalar of a file, or in a string of an expression."""
    if value.type is not None and not isinstance(value.type, str):
        inner = documents_in(value)
        yield from inner.values if inner is not None else ()
        return
    source = embedded(value)
    if source is not None and len(source.text) <= _MAX_EMBEDDED:
        documents, _ = yaml_documents(source)
        for document in documents:
            yield document.value


def mounted_config(path: str, files: Mapping[str, Value]) -> Value | None:
    """The config at a path among files that ConfigMaps bring into a container."""
    value = files.get(posixpath.normpath(path))
    return inner_document(value) if value is not None else None
