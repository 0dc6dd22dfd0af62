"""VolumeSnapshots and what is made of them: copies of what a claim holds.

snapshot.storage.k8s.io/v1; `dataSource` and `dataSourceRef` of claims (v1.34, 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.kubernetes.index import namespace_of
from mlsec_lint.lower.scalars import given, put, text_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.source import Span

_CLAIM, _SNAPSHOT = "PersistentVolumeClaim", "VolumeSnapshot"


def lower_snapshots(estate: Estate, objects: Objects) -> None:
    """Every VolumeSnapshot as a store; copies between claims and snapshots."""
    for snapshot in objects.of(_SNAPSHOT):
        store = _store(estate, snapshot)
        source = given(snapshot.value, "spec", "source", "persistentVolumeClaimName")
        claim = objects.find(_CLAIM, text_of(source), snapshot)
        origin = _found(estate, claim) if claim is not None else None
        if origin is not None and source is not None:
            span = source.entry() or snapshot.span
            _copy(estate, origin, store, "volume-snapshot", span)
    for claim in objects.of(_CLAIM):
        for name in ("dataSourceRef", "dataSource"):
            if _restored(estate, objects, claim, name):
                break


def _restored(estate: Estate, objects: Objects, claim: Manifest, name: str) -> bool:
    """Link a claim to the claim or snapshot that it is made from."""
    reference = given(claim.value, "spec", name)
    kind = text_of(given(reference, "kind"))
    target = _found(estate, claim)
    if reference is None or kind not in (_CLAIM, _SNAPSHOT) or target is None:
        return False
    elsewhere = given(reference, "namespace")
    wanted = text_of(elsewhere) or namespace_of(claim)
    for found in objects.of(kind):
        fits = found.name == text_of(given(reference, "name"))
        if fits and namespace_of(found) == wanted and found.root == claim.root:
            origin = _found(estate, found)
            if origin is None:
                continue
            span = reference.entry() or claim.span
            _copy(estate, origin, target, "volume-clone", span)
            if elsewhere is not None and wanted != namespace_of(claim):
                put(origin, "share.namespaces", 2, elsewhere)
            return True
    return False


def _address(manifest: Manifest) -> str:
    name = f"{manifest.kind}/{namespace_of(manifest)}/{manifest.name}"
    return manifest.address or name


def _found(estate: Estate, manifest: Manifest) -> Thing | None:
    return estate.find("store", _address(manifest))


def _store(estate: Estate, snapshot: Manifest) -> Thing:
    address = _address(snapshot)
    thing = Thing(
        "store", address, address, snapshot.span, provider="kubernetes",
        root=snapshot.root, library=snapshot.library,
    )  # fmt: skip
    store = estate.add(thing)
    if store is thing:
        store.state("type", "snapshot")
        store.state("declared", value=True)
    return store


def _copy(
    estate: Estate, origin: Thing, target: Thing, service: str, span: Span
) -> None:
    address = f"{target.address}:{origin.address}"
    name = f"{service} of {origin.name}"
    copy = estate.add(Thing("copy", address, name, span, origin.provider, origin.root))
    copy.state("service", service, span)
    estate.link(origin, "is copied by", copy, span)
    estate.link(copy, "copies to", target, span)
