"""DaemonSets: pods that run on every node, or on those that a selector picks.

A DaemonSet without a node selector runs on all nodes whose taints it tolerates
(Kubernetes documentation, "DaemonSet", 1.34). Nodes with accelerators are often tainted;
which ones, config of the cluster says, and agents of nodes tolerate it as a rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.scalars import given
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.value import Value

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
#: Labels that every Linux node has.
_COMMON = frozenset({"kubernetes.io/os", "beta.kubernetes.io/os"})


def lower_every_node(inputs: Inputs, estate: Estate) -> None:
    """State `every_node` of the workloads that DaemonSets are."""
    for manifest in inputs.manifests:
        if manifest.kind != "DaemonSet":
            continue
        workload = estate.find("workload", manifest.address)
        if workload is not None:
            chosen = _chosen(manifest)
            if chosen is None:
                workload.state("every_node", value=True, span=manifest.span)
                continue
            why = f"{workload.name} runs on the nodes that its node selector picks"
            span = chosen.entry() or manifest.span
            workload.state("every_node", Unknown("unsupported", why, span=span), span)


def _chosen(manifest: Manifest) -> Value | None:
    """What picks nodes, if anything does."""
    spec = given(manifest.value, "spec", "template", "spec")
    selector = given(spec, "nodeSelector")
    if selector is not None:
        labels = [name for name, _ in selector.items() if name not in _COMMON]
        if labels or selector.unknown is not None:
            return selector
    affinity = given(spec, "affinity", "nodeAffinity", _REQUIRED)
    return affinity if affinity is not None else given(spec, "nodeName")
