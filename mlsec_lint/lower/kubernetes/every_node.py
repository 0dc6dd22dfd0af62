"""On which nodes pods run: all of them (DaemonSets), or those that labels pick.

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
    from mlsec_lint.lower.kubernetes.workload import Pod
    from mlsec_lint.value import Value

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
#: Labels that every Linux node has.
_COMMON = frozenset({"kubernetes.io/os", "beta.kubernetes.io/os"})


def lower_every_node(inputs: Inputs, estate: Estate) -> None:
    """State `every_node` of the workloads that DaemonSets are, `nodes.chosen` of pods."""
    if inputs.objects is not None:
        for pod in inputs.objects.pods:
            _state_chosen(pod)
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


def _state_chosen(pod: Pod) -> None:
    """The labels of a node selector, in one order; nothing where one is not known."""
    selector = given(pod.template.spec, "nodeSelector")
    if selector is None:
        return
    labels = {name: value.text() for name, value in selector.items()}
    known = {n: v for n, v in labels.items() if isinstance(v, str) and n not in _COMMON}
    if known and len(known) == len(set(labels) - _COMMON):
        words = ", ".join(f"{name}={known[name]}" for name in sorted(known))
        span = selector.entry() or pod.workload.span
        pod.workload.state("nodes.chosen", words, span, trail=selector.trail)


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
