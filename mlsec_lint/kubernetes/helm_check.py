"""What a `helm` binary makes of the charts, beside what was made of them here.

Only where the user names a binary; nothing that it says enters the estate. It is given
a copy of the chart's files as the tree reads them, in a folder of its own: no link of
the repository leads it anywhere, and it has no home and no plugins.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.kubernetes.goscalars import typed
from mlsec_lint.kubernetes.objects import is_object, unrolled, words
from mlsec_lint.parse.yaml import documents
from mlsec_lint.source import Note, Source
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mlsec_lint.discovery import Tree
    from mlsec_lint.kubernetes.helm import Release
    from mlsec_lint.kubernetes.objects import Item
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

#: A release that takes longer is given up (seconds); more differences are not told.
_PATIENCE = 60
_MAX_TOLD = 20
_MAX_FILES = 5_000
_MAX_OUTPUT = 50_000_000

Name = tuple[str, str]


class Built(NamedTuple):
    """A release and the objects that were made of it here."""

    release: Release
    items: tuple[Item, ...]


class _Difference(NamedTuple):
    words: str
    span: Span | None


class CannotRunError(Exception):
    """The binary does not start; its message is for the user."""


def version(binary: str) -> str:
    """What the binary says it is. CannotRunError where it is none."""
    with tempfile.TemporaryDirectory() as home:
        done = _run([binary, "version", "--short"], home)
    if done.returncode != 0 or not done.stdout.startswith("v"):
        raise CannotRunError(f"{binary} is no helm that answers `version --short`")
    return done.stdout.strip()[:60]


def compare(binary: str, tree: Tree, builds: Sequence[Built]) -> list[Note]:
    """Notes about each release that helm renders differently, or does not render.

    Values that are unknown here are not compared. A release with unknown values is not
    given to helm at all.
    """
    notes: list[Note] = []
    same = 0
    for built in builds:
        found = _compare(binary, tree, built)
        notes.extend(found)
        same += not found
    text = f"helm {version(binary)} renders {same} of {len(builds)} releases as we do"
    notes.append(Note("helm-compared", text, ""))
    return notes


def _compare(binary: str, tree: Tree, built: Built) -> list[Note]:
    release = built.release
    path = f"{release.chart}/Chart.yaml".lstrip("/")
    given = [plain(typed(value)) for value in release.values]
    if any(isinstance(value, Unknown) for value in given):
        words = f"release {release.name}: some of its values are unknown"
        return [_note("helm-not-compared", words, path, release.span)]
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "chart"
        _copy(tree, release.chart, folder)
        command = [binary, "template", release.name, str(folder)]
        command += ["--namespace", release.namespace]
        for index, value in enumerate(given):
            file = Path(home) / f"values-{index}.json"
            file.write_text(json.dumps(value), encoding="utf-8")
            command += ["--values", str(file)]
        done = _run(command, home)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no message"]
        told = [one for one in lines if one.startswith("Error")] or lines
        why = told[0].replace(home, "")[:300]
        words = f"helm does not render release {release.name}: {why}"
        return [_note("helm-not-compared", words, path, release.span)]
    theirs = _objects(done.stdout[:_MAX_OUTPUT])
    found = list(_differences(built.items, theirs))
    return [
        _note("helm-differs", f"{release.name}: {one.words}", path, one.span)
        for one in found[:_MAX_TOLD]
    ]


def _note(kind: str, words: str, path: str, span: Span | None) -> Note:
    where = span.path if span is not None else path
    return Note(kind, words, where, span, strict_only=True)


def _run(command: list[str], home: str) -> subprocess.CompletedProcess[str]:
    """A run without the user's home, plugins, repositories and cluster."""
    environment = {
        "PATH": os.defpath,
        "HOME": home,
        "HELM_PLUGINS": os.path.join(home, "none"),
        "HELM_NO_PLUGINS": "1",
        "KUBECONFIG": os.devnull,
    }
    try:
        return subprocess.run(
            command,
            capture_output=True,
            check=False,
            cwd=home,
            encoding="utf-8",
            env=environment,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=_PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", "it takes too long")
    except OSError as error:
        raise CannotRunError(f"{command[0]}: {error.strerror}") from None


def _copy(tree: Tree, folder: str, to: Path) -> None:
    """The files under a folder of the tree, as far as the tree reads them."""
    waiting = [(folder, to)]
    count = 0
    while waiting and count < _MAX_FILES:
        here, there = waiting.pop()
        there.mkdir(parents=True, exist_ok=True)
        for name in tree.listing(here):
            path = f"{here}/{name}" if here else name
            count += 1
            if tree.is_folder(path):
                waiting.append((path, there / name))
                continue
            content = tree.bytes(path)
            if content is not None:
                (there / name).write_bytes(content)


def plain(value: Value) -> object:
    """A value as JSON takes it; an Unknown where any part of it is unknown."""
    if value.unknown is not None:
        return value.unknown
    data = value.data
    if isinstance(data, dict):
        found = {name: plain(child) for name, child in data.items()}
        unknown = _first_unknown(found.values())
        return found if unknown is None else unknown
    if isinstance(data, tuple):
        several = [plain(child) for child in data]
        unknown = _first_unknown(several)
        return several if unknown is None else unknown
    return data


def _first_unknown(values: Iterable[object]) -> Unknown | None:
    for value in values:
        if isinstance(value, Unknown):
            return value
    return None


def _objects(text: str) -> list[Value]:
    found, _ = documents(Source("helm.yaml", text))
    return [
        value
        for document in found
        if not document.skipped and is_object(document.value)
        for value in unrolled(document.value)
    ]


def _name(value: Value) -> Name:
    metadata = value.get("metadata")
    name = metadata.get("name") if metadata is not None else None
    return words(value.get("kind")), words(name)


def _differences(ours: Sequence[Item], theirs: list[Value]) -> Iterator[_Difference]:
    """Objects that only one side has, then fields that differ, in our order."""
    left: dict[Name, list[Value]] = {}
    for value in theirs:
        left.setdefault(_name(value), []).append(value)
    for item in ours:
        kind, name = _name(item.value)
        same = left.get((kind, name))
        if not same:
            unsure = item.value.at("metadata", "name")
            if unsure is None or unsure.unknown is None:
                words = f"helm makes no {kind}/{name}"
                yield _Difference(words, item.value.span)
            continue
        other = same.pop(0)
        for path, span in _fields(item.value, other, ()):
            field = ".".join(path) or "all of it"
            yield _Difference(f"{kind}/{name}: {field} is something else", span)
    for (kind, name), rest in left.items():
        if rest:
            yield _Difference(f"helm makes {kind}/{name} and we do not", None)


def _fields(
    ours: Value, theirs: Value, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Span | None]]:
    """Where two values differ, as far as ours is known."""
    if ours.unknown is not None:
        return
    one, other = ours.data, theirs.data
    if isinstance(one, dict) and isinstance(other, dict):
        for key, child in one.items():
            against = other.get(key)
            if against is not None:
                yield from _fields(child, against, (*path, key))
            elif child.unknown is None and not child.is_null:
                yield (*path, key), child.span
        for key, child in other.items():
            if key not in one and not child.is_null and not key.startswith("{{"):
                yield (*path, key), ours.span
    elif isinstance(one, tuple) and isinstance(other, tuple):
        if len(one) != len(other):
            yield path, ours.span
            return
        for index, (child, against) in enumerate(zip(one, other, strict=True)):
            yield from _fields(child, against, (*path, str(index)))
    elif isinstance(one, str) and isinstance(other, str):
        if one.rstrip() != other.rstrip():  # helm trims each document
            yield path, ours.span
    elif one != other:
        yield path, ours.span
