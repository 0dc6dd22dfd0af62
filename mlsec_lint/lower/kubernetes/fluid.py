"""Fluid: a Dataset is a claim of its own name, backed by the stores that it mounts.

Pods mount the claim that Fluid makes for a Dataset, in the Dataset's namespace; a runtime
of the same name keeps what they read on disks of the nodes. data.fluid.io v1alpha1,
https://fluid-cloudnative.github.io and the CRDs of fluid-cloudnative/fluid, 2026-11-24.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.kubernetes.index import namespace_of
from mlsec_lint.lower.kubernetes.model_kinds import select
from mlsec_lint.lower.node_paths import normal_path
from mlsec_lint.lower.scalars import given, text_of
from mlsec_lint.lower.stores import referred_store

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects

_GROUP = "data.fluid.io/"
_RUNTIMES = (
    "AlluxioRuntime", "JindoRuntime", "JuiceFSRuntime", "GooseFSRuntime", "EFCRuntime",
    "VineyardRuntime", "CacheRuntime",
)  # fmt: skip
_MOST = 50


def lower_datasets(estate: Estate, objects: Objects) -> None:
    """Link the claims of datasets that pods mount to what they are backed by."""
    for manifest in objects.of("Dataset"):
        if not manifest.api_version.startswith(_GROUP):
            continue
        address = f"PersistentVolumeClaim/{namespace_of(manifest)}/{manifest.name}"
        claim = estate.find("store", address)
        if claim is not None:
            _backed(estate, manifest, claim)
            _cached(estate, manifest, claim, objects)


def _backed(estate: Estate, manifest: Manifest, claim: Thing) -> None:
    """The stores of `mounts`: `s3://`, `oss://`, `pvc://` and the like."""
    for point in select(manifest.value, "spec.mounts.*.mountPoint")[:_MOST]:
        span = point.entry() or manifest.span
        text = text_of(point)
        if text.startswith("pvc://"):
            name = text.removeprefix("pvc://").partition("/")[0]
            space = namespace_of(manifest)
            below = estate.find("store", f"PersistentVolumeClaim/{space}/{name}")
            if below is not None and below is not claim:
                estate.link(claim, "is backed by", below, span, "mounts the claim")
            continue
        named = referred_store(estate, point)
        for store in named.stores if named is not None else ():
            words = f"Dataset {manifest.name} mounts {text or 'it'}"
            sure = named is not None and named.certain
            why = named.why if named is not None else ""
            estate.link(
                claim, "is backed by", store, span, words, certain=sure, why=why
            )


def _cached(estate: Estate, manifest: Manifest, claim: Thing, objects: Objects) -> None:
    """Folders of the nodes where a runtime keeps what is read; memory is none."""
    for kind in _RUNTIMES:
        runtime = objects.find(kind, manifest.name, manifest)
        levels = select(runtime.value, "spec.tieredstore.levels.*") if runtime else []
        for level in levels[:_MOST]:
            path = given(level, "path")
            for word in text_of(path).split(",")[:_MOST]:
                if path is None or text_of(level.get("mediumtype")) == "MEM":
                    continue
                folder = word.strip()
                if not folder.startswith("/"):
                    continue
                normal, span = normal_path(folder), path.entry() or manifest.span
                address = f"hostPath:{normal}"
                store = estate.add(Thing("store", address, address, span))
                if not store.facts:
                    store.state("type", "node-disk", span)
                    store.state("declared", value=False, span=span)
                    store.state("path", normal, span)
                words = f"{kind} {manifest.name} keeps copies of it on the nodes"
                estate.link(claim, "is backed by", store, span, words)
