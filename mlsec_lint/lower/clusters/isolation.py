"""Whether pods with weights have machines to themselves: taints, sandboxes, neighbours.

A pod that selects a group of nodes by its labels has that group's taints; a runtime
class of a sandbox keeps it apart on any machine; a notebook or CI runner of another
namespace with the same selector shares its machines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.clusters.karpenter import NODE_POOL
from mlsec_lint.lower.kubernetes.index import namespace_of
from mlsec_lint.lower.reading import given as given_in
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.lower.terraform_index import index_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.kubernetes.workload import Pod
    from mlsec_lint.value import Value

_FACT = "nodes.dedicated"
#: Runtime classes whose pods do not share the kernel of the machine, by a part of it.
_SANDBOXES = ("gvisor", "runsc", "kata", "firecracker", "confidential")
#: What people or strangers' code runs in, by kind and by a part of the name or image.
_UNTRUSTED_KINDS = ("Notebook", "RunnerDeployment", "AutoscalingRunnerSet", "RunnerSet")
_UNTRUSTED_WORDS = (
    "jupyter",
    "notebook",
    "actions-runner",
    "gitlab-runner",
    "code-server",
)
_LABELS = (
    ("aws_eks_node_group", ("labels",)),
    ("google_container_node_pool", ("node_config", "labels")),
    ("azurerm_kubernetes_cluster_node_pool", ("node_labels",)),
)
_NAMES = {
    "aws_eks_node_group": ("eks.amazonaws.com/nodegroup", "node_group_name"),
    "google_container_node_pool": ("cloud.google.com/gke-nodepool", "name"),
    "azurerm_kubernetes_cluster_node_pool": ("kubernetes.azure.com/agentpool", "name"),
}
_MAX_PODS = 5_000


class _Labelled(NamedTuple):
    group: Thing
    labels: dict[str, str]


def state_isolation(inputs: Inputs, estate: Estate) -> None:
    """State `nodes.dedicated` of pods with weights, where their own config tells it."""
    objects = inputs.objects
    if objects is None:
        return
    groups = [*_declared(inputs, estate), *_pools(inputs, estate)]
    strangers = [pod for pod in objects.pods[:_MAX_PODS] if _is_untrusted(pod)]
    for pod in objects.pods[:_MAX_PODS]:
        held = pod.workload.fact("weights.held")
        if held is None or held.value is False:
            continue
        _state(pod, groups, strangers)


def _state(pod: Pod, groups: list[_Labelled], strangers: list[Pod]) -> None:
    sandbox = given(pod.template.spec, "runtimeClassName")
    if sandbox is not None:
        value = settled(sandbox)
        name = text_of(sandbox).lower()
        if value.unknown is None and any(word in name for word in _SANDBOXES):
            pod.workload.state(_FACT, value=True, span=sandbox.entry())
            return
    selector = given(pod.template.spec, "nodeSelector")
    wanted = _texts(selector)
    if selector is None or not wanted:
        return
    span = selector.entry() or pod.workload.span
    beside = next((one for one in strangers if _beside(one, pod, wanted)), None)
    if beside is not None:
        pod.workload.state(_FACT, value=False, span=span)
        return
    for one in groups:
        if wanted.items() <= one.labels.items():
            fact = one.group.fact(_FACT)
            if fact is not None:
                pod.workload.state(_FACT, fact.value, fact.span, default=fact.default)
            return


def _beside(stranger: Pod, pod: Pod, wanted: dict[str, str]) -> bool:
    """Whether untrusted work of another namespace selects the same machines."""
    if stranger.workload is pod.workload:
        return False
    if namespace_of(stranger.manifest) == namespace_of(pod.manifest):
        return False
    if _applied(stranger) != _applied(pod):
        return False
    return _texts(given(stranger.template.spec, "nodeSelector")) == wanted


def _applied(pod: Pod) -> tuple[str, str, str]:
    """By what a pod is applied: what shares that lands in one cluster."""
    manifest = pod.manifest
    folder = "" if manifest.root else manifest.span.path.rpartition("/")[0]
    return (manifest.root, folder, manifest.cluster)


def _is_untrusted(pod: Pod) -> bool:
    if pod.manifest.kind in _UNTRUSTED_KINDS:
        return True
    for _, container in pod.template.containers:
        image = text_of(given(container, "image")).lower()
        if any(word in image for word in _UNTRUSTED_WORDS):
            return True
    return False


def _texts(value: Value | None) -> dict[str, str]:
    """The known entries of a mapping of texts."""
    if value is None or isinstance(value.data, Unknown):
        return {}
    return {k: text for k, v in value.items() if (text := text_of(v))}


def _declared(inputs: Inputs, estate: Estate) -> Iterator[_Labelled]:
    for here in index_of(inputs).roots:
        for kind, path in _LABELS:
            for resource in here.of(kind):
                group = estate.find("workload", here.address(resource))
                if group is None:
                    continue
                labels = _texts(given_in(resource.values, *path))
                label, argument = _NAMES[kind]
                name = here.attribute(resource, argument)
                if isinstance(name, str):
                    labels[label] = name
                yield _Labelled(group, labels)


def _pools(inputs: Inputs, estate: Estate) -> Iterator[_Labelled]:
    objects = inputs.objects
    for pool in objects.of(NODE_POOL) if objects is not None else ():
        address = pool.address or f"{NODE_POOL}/{pool.name}"
        group = estate.find("workload", address)
        if group is not None:
            labels = _texts(given(pool.value, "spec", "template", "metadata", "labels"))
            labels["karpenter.sh/nodepool"] = pool.name
            yield _Labelled(group, labels)
