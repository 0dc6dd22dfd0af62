"""To which cluster Kubernetes objects go, where no provider configuration says so.

In this order: the destination of the Argo CD application that deploys their folder; an
entry under `clusters` in the config; the credentials that a script or a README fetches
before it applies them. What is said only chooses among the clusters that the scan
declares. It is never weighed against a trust: see `joins.py`.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.wildcards import wildcard
from mlsec_lint.lower.clusters.contexts import applied_by_scripts
from mlsec_lint.lower.clusters.declared import Declared, addresses_of
from mlsec_lint.lower.clusters.destinations import deployed_by_argo
from mlsec_lint.lower.terraform_index import index_of
from mlsec_lint.source import Note
from mlsec_lint.value import Step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pathspec import GitIgnoreSpec

    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.clusters.contexts import Applied
    from mlsec_lint.lower.clusters.declared import Declaration
    from mlsec_lint.lower.inputs import Assigned, Inputs


class _Entry(NamedTuple):
    """An entry of the config with the clusters that it means."""

    stated: Assigned
    spec: GitIgnoreSpec | None
    addresses: tuple[str, ...]

    def words(self) -> str:
        stated = self.stated
        spaces = [f"namespace {name}" for name in stated.namespaces]
        return " and ".join(filter(None, (", ".join(stated.paths), ", ".join(spaces))))


def assign_clusters(inputs: Inputs, estate: Estate) -> None:
    """State in `Manifest.goes_to` what the config and the repository say."""
    declared = Declared(index_of(inputs))
    entries = _entries(inputs, declared, estate)
    if not declared.all:
        return
    _apply(inputs.manifests, deployed_by_argo(inputs, declared))
    _assign(inputs.manifests, entries, estate)
    _apply(inputs.manifests, applied_by_scripts(inputs, declared))


def go_to(manifest: Manifest, addresses: tuple[str, ...], said: Step) -> None:
    """State where an object goes; the cluster itself where it is one."""
    manifest.goes_to, manifest.said = addresses, said
    if len(addresses) == 1:
        manifest.cluster = addresses[0]


def _apply(manifests: Iterable[Manifest], applied: dict[str, list[Applied]]) -> None:
    """What deploys a folder or a file, by its path; several go to each of theirs."""
    for manifest in manifests if applied else ():
        if manifest.cluster or manifest.goes_to:
            continue
        found: list[Applied] = []
        for path in _keys(manifest):
            found = found or applied.get(path, [])
        if found:
            addresses = tuple(dict.fromkeys(a for one in found for a in one.addresses))
            go_to(manifest, addresses, Step(found[0].span, found[0].words))


def _keys(manifest: Manifest) -> Iterator[str]:
    """What somebody names to deploy an object: its overlay or chart, its file, folders.

    What an overlay or a chart renders is deployed by the name of that alone, or by a
    release that knows its destination.
    """
    if manifest.destination:
        yield f"argo:{manifest.destination}"
    elif manifest.root:
        yield manifest.root.partition("@")[0]
    else:
        path = manifest.span.path
        yield path
        folder = posixpath.dirname(path)
        yield f"{folder}/"
        while folder:
            yield f"{folder}/**"
            folder = posixpath.dirname(folder)


# -- the config -------------------------------------------------------------------


def _entries(inputs: Inputs, declared: Declared, estate: Estate) -> list[_Entry]:
    found: list[_Entry] = []
    for stated in inputs.assigned:
        addresses: list[Declaration] = []
        wrong = False
        for text in stated.clusters:
            meant = declared.meant(text)
            if len(meant) != 1:
                wrong = True
                estate.note([_not_meant(stated, text, meant, declared)])
            addresses += meant
        if not wrong:
            entry = _Entry(stated, _spec(stated.paths), addresses_of(addresses))
            found.append(entry)
    return found


def _not_meant(
    stated: Assigned, text: str, meant: list[Declaration], declared: Declared
) -> Note:
    if meant:
        which = ", ".join(one.addresses[0] for one in meant[:12])
        words = f"{len(meant)} clusters are called {text!r}: {which}; say its address"
    elif declared.all:
        words = f"no cluster of the scan is {text!r}; there are {declared.listed()}"
    else:
        words = f"no cluster of the scan is {text!r}: it declares none"
    return Note("cluster-not-found", words, stated.span.path, stated.span)


def _spec(paths: tuple[str, ...]) -> GitIgnoreSpec | None:
    if not paths:
        return None
    import pathspec

    return pathspec.GitIgnoreSpec.from_lines(path.removeprefix("./") for path in paths)


def _assign(
    manifests: Iterable[Manifest], entries: list[_Entry], estate: Estate
) -> None:
    counts = [0] * len(entries)
    against: dict[int, Manifest] = {}
    choose = _Choice(entries)
    for manifest in manifests if entries else ():
        index = choose.of(manifest)
        if index is None:
            continue
        entry = entries[index]
        if manifest.cluster or manifest.goes_to:
            known = manifest.goes_to or (manifest.cluster,)
            counts[index] += 1
            if not set(known) & set(entry.addresses):
                against.setdefault(index, manifest)
            continue
        counts[index] += 1
        words = f"the config says that {entry.words()} goes there"
        go_to(manifest, entry.addresses, Step(entry.stated.span, words))
    for index, entry in enumerate(entries):
        estate.note([_told(entry, counts[index], against.get(index))])


def _told(entry: _Entry, count: int, against: Manifest | None) -> Note:
    span, where = entry.stated.span, ", ".join(entry.addresses)
    if not count:
        words = f"no Kubernetes object is of {entry.words()}, or a later entry has it"
        return Note("cluster-unused", words, span.path, span)
    words = f"{entry.words()} ({count:,} objects) goes to {where}, as the config says"
    if against is not None:
        words += f"; not so {against.address}, of which another line says "
        words += ", ".join(against.goes_to or (against.cluster,)).removeprefix("name:")
    return Note("cluster-assigned", words, span.path, span)


class _Choice:
    """The last entry that fits an object: its release or overlay, then its own file."""

    def __init__(self, entries: list[_Entry]) -> None:
        self._entries = list(enumerate(entries))[::-1]
        self._known: dict[str, tuple[int, ...]] = {}

    def of(self, manifest: Manifest) -> int | None:
        space = manifest.namespace
        if manifest.kind == "Namespace":
            space = manifest.name
        for path in _places(manifest):
            for index in self._by_path(path):
                spaces = self._entries[-1 - index][1].stated.namespaces
                if not spaces or any(wildcard(one, space) for one in spaces):
                    return index
        return None

    def _by_path(self, path: str) -> tuple[int, ...]:
        found = self._known.get(path)
        if found is None:
            found = self._known[path] = tuple(
                index
                for index, entry in self._entries
                if entry.spec is None or entry.spec.match_file(path)
            )
        return found


def _places(manifest: Manifest) -> Iterator[str]:
    for step in reversed(manifest.via):
        yield step.span.path
    if manifest.root:
        yield f"{manifest.root.partition('@')[0]}/kustomization.yaml"
    yield manifest.span.path
