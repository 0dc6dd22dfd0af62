"""What labels and annotations of claims, volumes and namespaces declare about weights.

The same keys as tags of cloud resources; a namespace speaks for the claims in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.scalars import given
from mlsec_lint.lower.tags import DECLARING_KEYS
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.value import Value

_CLAIM, _VOLUME = "PersistentVolumeClaim", "PersistentVolume"


def lower_declarations(inputs: Inputs, estate: Estate) -> None:
    """Evidence for claims and volumes that are declared to hold weights."""
    objects = inputs.objects
    if objects is None:
        return
    for kind in (_CLAIM, _VOLUME):
        for manifest in objects.of(kind):
            store = _store(estate, manifest)
            if store is None:
                continue
            declared = list(_declarations(manifest))
            if kind == _CLAIM and not declared:
                space = objects.find(
                    "Namespace", manifest.namespace or "default", manifest, cluster=True
                )
                declared = list(_declarations(space)) if space is not None else []
            for value in declared:
                _declare(store, value)


def _store(estate: Estate, manifest: Manifest) -> Thing | None:
    name = f"{manifest.kind}/{manifest.name}"
    if manifest.kind == _CLAIM:
        name = f"{manifest.kind}/{manifest.namespace or 'default'}/{manifest.name}"
    return estate.find("store", manifest.address or name)


def _declarations(manifest: Manifest) -> Iterator[Value]:
    for field in ("labels", "annotations"):
        listed = given(manifest.value, "metadata", field)
        for key, value in listed.items() if listed is not None else ():
            if key.lower() in DECLARING_KEYS:
                yield value


def _declare(store: Thing, value: Value) -> None:
    text, span = value.text(), value.entry() or store.span
    if isinstance(text, str) and text.strip().lower() == "weights":
        store.holds_weights("declared", "its label or annotation says so", span)
    elif isinstance(text, Unknown):
        store.state("holds.declared", text._replace(possible=None, parts=()), span)
    elif isinstance(text, str):
        store.state("holds.declared", text.strip().lower(), span)
