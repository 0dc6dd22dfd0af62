"""What the templates of an Argo workflow inherit from its spec.

`serviceAccountName`, volumes and placement of the workflow are those of every pod unless
its template says otherwise; labels of `podMetadata` are added. Fields from
argo-workflows.readthedocs.io/fields, v3.7, read 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.scalars import given

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.templates import PodTemplate
    from mlsec_lint.value import Value

_FIELDS = (
    "serviceAccountName", "automountServiceAccountToken", "nodeSelector", "affinity",
    "tolerations", "securityContext", "hostNetwork", "imagePullSecrets", "dnsConfig",
)  # fmt: skip


def inherit(manifest: Manifest, templates: Sequence[PodTemplate]) -> None:
    """Complete the pod templates of a workflow by what its spec says for all of them."""
    spec = given(manifest.value, "spec")
    spec = given(spec, "workflowSpec") or spec
    if spec is None or given(spec, "templates") is None:
        return
    defaults = given(spec, "templateDefaults")
    for template in templates:
        if not isinstance(template.spec.data, dict):
            continue
        data = dict(template.spec.data)
        for name in _FIELDS:
            found = given(defaults, name) or given(spec, name)
            if given(template.spec, name) is None and found is not None:
                data[name] = found
        volumes = [
            volume
            for source in (template.spec, defaults, spec)
            if (listed := given(source, "volumes")) is not None
            for volume in listed.elements()
        ]
        shared = given(spec, "volumes") or given(defaults, "volumes")
        if shared is not None:
            data["volumes"] = shared.replace(data=tuple(volumes))
        template.spec = template.spec.replace(data=data)
        template.metadata = _labelled(template.metadata, given(spec, "podMetadata"))


def _labelled(own: Value | None, shared: Value | None) -> Value | None:
    """A template's metadata with the labels and annotations that all pods get."""
    if shared is None or not isinstance(shared.data, dict):
        return own
    if own is None or not isinstance(own.data, dict):
        return shared
    merged = dict(own.data)
    for name in ("labels", "annotations"):
        ours, theirs = given(own, name), given(shared, name)
        if theirs is None or not isinstance(theirs.data, dict):
            continue
        mine = ours.data if ours is not None and isinstance(ours.data, dict) else {}
        merged[name] = (ours or theirs).replace(data={**theirs.data, **mine})
    return own.replace(data=merged)
