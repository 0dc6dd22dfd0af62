"""What becomes of a volume when its claim is deleted: the reclaim policy.

Kubernetes API, persistent volumes, v1.34, 2026-11: a StorageClass deletes unless it says
otherwise, a volume that somebody made by hand is retained.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.scalars import given, put, settled, text_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.value import Value

_GUARDED = "deletion.guarded"
_BY_CLASS = "Kubernetes: a StorageClass deletes the volume with the claim"
_BY_HAND = "Kubernetes: a volume made by hand is retained"


#: Root and storage class -> reclaim policy -> the first volume with it.
_Free = dict[tuple[str, str], "dict[str, Manifest]"]


def lower_reclaim(estate: Estate, objects: Objects) -> None:
    """State `deletion.guarded` of claims, their volumes and claims of StatefulSets."""
    free = _free_volumes(objects)
    for volume in objects.of("PersistentVolume"):
        address = volume.address or f"PersistentVolume/{volume.name}"
        store = estate.find("store", address)
        if store is not None:
            policy = given(volume.value, "spec", "persistentVolumeReclaimPolicy")
            _policy(store, policy, volume, default=True, words=_BY_HAND)
    for claim in objects.of("PersistentVolumeClaim"):
        address = (
            claim.address or f"{claim.kind}/{claim.namespace or 'default'}/{claim.name}"
        )
        store = estate.find("store", address)
        if store is not None and not _is_bound(estate, store):
            _by_class(store, claim.value, claim, objects, free)
    for pod in objects.pods:
        listed = given(pod.manifest.value, "spec", "volumeClaimTemplates")
        for template in listed.elements() if listed is not None else ():
            name = text_of(given(template, "metadata", "name"))
            address = f"{pod.workload.address}/volumes/{name}"
            store = estate.find("store", address) if name else None
            if store is not None:
                _by_class(store, template, pod.manifest, objects, free)


def _is_bound(estate: Estate, store: Thing) -> bool:
    """Whether the claim names a volume of the scan, whose own policy holds then."""
    return any(
        "persistentvolume" in edge.target.address.lower()
        for edge in estate.edges_from(store, "is backed by")
    )


def _by_class(
    store: Thing, claim: Value, near: Manifest, objects: Objects, free: _Free
) -> None:
    """The policy of the class that makes the volume, or of the volumes that may fit."""
    spec = given(claim, "spec")
    if given(spec, "volumeName") is not None:
        return  # bound to a volume that somebody else made
    named = given(spec, "storageClassName")
    name = text_of(named)
    fitting = free.get((near.root or "", name)) if named is not None else None
    if fitting is not None:
        _by_volumes(store, fitting)
        return
    found = objects.find("StorageClass", name, near, cluster=True) if name else None
    if found is not None:
        policy = given(found.value, "reclaimPolicy")
        _policy(store, policy, found, default=False, words=_BY_CLASS)
        return
    why = "the cluster's default storage class decides"
    if named is None:
        unsure = Unknown("environment", why, "StorageClass", span=store.span)
        store.state(_GUARDED, unsure)
        return
    why = f"the storage class {name} is not in the scan"
    if not name:
        why = "the volume that it is bound to is not in the scan"
    unknown = settled(named).unknown
    if unknown is None:
        unknown = Unknown("environment", why, name)
    put(store, _GUARDED, unknown._replace(possible=None, parts=()), named)


def _free_volumes(objects: Objects) -> _Free:
    """Volumes that are kept for no claim in particular, one for each policy there is."""
    found: _Free = {}
    for volume in objects.of("PersistentVolume"):
        spec = given(volume.value, "spec")
        if given(spec, "claimRef") is not None:
            continue
        policy = text_of(given(spec, "persistentVolumeReclaimPolicy")) or "Retain"
        name = text_of(given(spec, "storageClassName"))
        found.setdefault((volume.root or "", name), {}).setdefault(policy, volume)
    return found


def _by_volumes(store: Thing, told: dict[str, Manifest]) -> None:
    """What all fitting volumes agree on; which of them it will be, nobody can tell."""
    if len(told) == 1:
        volume = next(iter(told.values()))
        policy = given(volume.value, "spec", "persistentVolumeReclaimPolicy")
        _policy(store, policy, volume, default=True, words=_BY_HAND)
        return
    why = "several volumes of its class fit, and their reclaim policies differ"
    store.state(_GUARDED, Unknown("environment", why, span=store.span))


def _policy(
    store: Thing, policy: Value | None, owner: Manifest, *, default: bool, words: str
) -> None:
    if policy is None:
        store.state(_GUARDED, default, owner.span, default=words)
        return
    text = settled(policy).text()
    if isinstance(text, str):
        put(store, _GUARDED, text.strip() == "Retain", policy)
    else:
        wrong = Unknown("error", "this is no reclaim policy", span=policy.span)
        unknown = text if isinstance(text, Unknown) else wrong
        put(store, _GUARDED, unknown._replace(possible=None), policy)
