"""File systems that pods of several namespaces mount, and NFS servers of other people.

A claim belongs to one namespace, but any number of volumes can name one file system.
What is counted is one file system (or one access point of it) in one root: overlays are
different clusters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.kubernetes.index import namespace_of
from mlsec_lint.lower.scalars import given, text_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.source import Span

_SHARED = ("ReadWriteMany", "ReadOnlyMany")
_DEPTH = 4


def lower_sharing(estate: Estate, objects: Objects) -> None:
    """State `share.namespaces` of file systems, and that NFS servers are not known."""
    seen: dict[tuple[int, str, str], dict[str, tuple[Thing, Span]]] = {}
    points = _access_points(objects)
    for claim in objects.of("PersistentVolumeClaim"):
        address = claim.address or f"{claim.kind}/{namespace_of(claim)}/{claim.name}"
        store = estate.find("store", address)
        if store is None or not _is_shared(claim):
            continue
        for leaf, part in _leaves(estate, store, points):
            users = seen.setdefault((id(leaf), part, claim.root or ""), {})
            users.setdefault(namespace_of(claim), (leaf, claim.span))
    for users in seen.values():
        leaf, span = [*users.values()][-1]
        known = leaf.fact("share.namespaces")
        if (
            known is None
            or not isinstance(known.value, int)
            or known.value < len(users)
        ):
            leaf.state("share.namespaces", len(users), span)
    for store in estate.of("store"):
        if store.address.startswith("nfs://") and "share.open" not in store.facts:
            why = "who may mount it is decided by the NFS server, which is not in the scan"
            unsure = Unknown("environment", why, store.address, span=store.span)
            store.state("share.open", unsure)


def _is_shared(claim: Manifest) -> bool:
    modes = given(claim.value, "spec", "accessModes")
    return any(
        text_of(mode) in _SHARED
        for mode in (modes.elements() if modes is not None else ())
    )


def _leaves(
    estate: Estate, store: Thing, points: dict[str, str]
) -> list[tuple[Thing, str]]:
    """The file systems that a claim ends in, each with the access point it goes by."""
    found: list[tuple[Thing, str]] = []
    waiting = [(store, "", 0)]
    while waiting:
        here, part, depth = waiting.pop()
        onward = estate.edges_from(here, "is backed by")
        if not onward and here is not store:
            sort = here.fact("type")
            if sort is not None and sort.value == "file":
                found.append((here, part))
        if depth < _DEPTH:
            for edge in onward:
                point = points.get(edge.target.address, part)
                waiting.append((edge.target, point, depth + 1))
    return found


def _access_points(objects: Objects) -> dict[str, str]:
    """EFS access points in handles (`fs-1::fsap-2`), by the address of the volume."""
    found: dict[str, str] = {}
    for volume in objects.of("PersistentVolume"):
        handle = text_of(given(volume.value, "spec", "csi", "volumeHandle"))
        if "::" in handle:
            found[volume.address or f"PersistentVolume/{volume.name}"] = handle
    return found
