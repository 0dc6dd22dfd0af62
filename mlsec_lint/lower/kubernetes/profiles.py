"""Kubeflow's Profile: a namespace, and the binding that makes its owner the admin of it.

The controller binds the owner to the ClusterRole `kubeflow-admin`, which aggregates what
Kubernetes' own `admin` has (kubeflow/dashboard, profile-controller, `namespaceAdmin`;
kubeflow/manifests, kubeflow-roles, read 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.kubernetes.manifest import Manifest
from mlsec_lint.lower.scalars import given, text_of
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs

_GROUP = "kubeflow.org/"
_ROLE = "kubeflow-admin"
_BINDING = "namespaceAdmin"


def add_profile_bindings(inputs: Inputs, estate: Estate) -> None:
    """Put the binding of each Profile's owner beside the objects of the scan."""
    del estate
    declared = any(
        m.kind == "ClusterRole" and m.name == _ROLE for m in inputs.manifests
    )
    role = _ROLE if declared else "admin"
    made = [
        binding
        for manifest in inputs.manifests
        if manifest.kind == "Profile" and manifest.api_version.startswith(_GROUP)
        if (binding := _binding(manifest, role)) is not None
    ]
    inputs.manifests.extend(made)


def _binding(profile: Manifest, role: str) -> Manifest | None:
    owner = given(profile.value, "spec", "owner")
    span = owner.entry() if owner is not None else None
    if owner is None or span is None or not text_of(given(owner, "name")):
        return None
    reference = Value({"kind": Value("ClusterRole", span), "name": Value(role, span)})
    value = Value({"roleRef": reference, "subjects": Value((owner,), span)}, span)
    return Manifest(
        value=value,
        kind="RoleBinding",
        api_version="rbac.authorization.k8s.io/v1",
        name=_BINDING,
        namespace=profile.name,
        span=span,
        root=profile.root,
        via=profile.via,
        library=profile.library,
        cluster=profile.cluster,
        goes_to=profile.goes_to,
        said=profile.said,
        destination=profile.destination,
    )
