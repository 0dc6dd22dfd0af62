"""Limits on the rate at which pods send: the annotation that bandwidth plug-ins read.

Only plug-ins that shape traffic heed it (the CNI bandwidth plug-in, Cilium's bandwidth
manager; Kubernetes documentation, "Network Plugins", 2026-11): it is evidence of a limit
and no proof.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.scalars import given, settled
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.lower.kubernetes.workload import Pod

_ANNOTATION = "kubernetes.io/egress-bandwidth"


def state_rate(pod: Pod) -> None:
    """State whether a pod's egress is limited."""
    annotations = given(pod.template.metadata, "annotations")
    value = given(annotations, _ANNOTATION)
    fact = "egress.rate_limited"
    if value is None:
        known = annotations.data if annotations is not None else None
        if isinstance(known, Unknown):
            pod.workload.state(fact, known, pod.workload.span)
            return
        words = f"no annotation {_ANNOTATION}"
        pod.workload.state(fact, value=False, default=words)
        return
    text = settled(value).text()
    limited = text if isinstance(text, Unknown) else bool(text)
    pod.workload.state(fact, limited, value.entry(), trail=value.trail)
