"""Places that machines of a pod's pool or queue may lie in: Karpenter, Kueue, GKE.

A pod that picks a pool (by its name, or by a label that the pool gives its machines) is
held to the pool's requirements; one that waits in a queue of Kueue to the labels of the
queue's flavours, where each of them names a place. Karpenter v1, Kueue v1beta2 and GKE
ComputeClass documentation, read 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.workload import Pod
    from mlsec_lint.value import Value

_POOL = "karpenter.sh/nodepool"
_CLASS = "cloud.google.com/compute-class"
_QUEUE = "kueue.x-k8s.io/queue-name"
#: More pools than this are not looked through for a pod's labels.
_MAX_POOLS = 200
_MAX_PLACES = 100


def pool_places(pod: Pod, objects: Objects, labels: Sequence[str]) -> list[Value]:
    """Values of the first of some topology labels that hold the pod's machines."""
    for label in labels:
        found: list[Value] = []
        pools = _pools(pod, objects)
        each = [list(_required(pool, label)) for pool in pools]
        if each and all(each):
            found = [value for values in each for value in values]
        found = (
            found or _of_queue(pod, objects, label) or _of_class(pod, objects, label)
        )
        if found:
            return found[:_MAX_PLACES]
    return []


def _pools(pod: Pod, objects: Objects) -> list[Manifest]:
    """The NodePools that the pod's selector picks; every one of them may give the node."""
    selector = given(pod.template.spec, "nodeSelector")
    wanted = {
        name: text for name, v in (selector.items() if selector else ()) if (text := text_of(v))
    }  # fmt: skip
    if not wanted:
        return []
    found = []
    for number, pool in enumerate(objects.of("NodePool")):
        if number >= _MAX_POOLS or not pool.api_version.startswith("karpenter.sh/"):
            continue
        if _POOL in wanted:
            picked = wanted[_POOL] == pool.name
        else:
            own = given(pool.value, "spec", "template", "metadata", "labels")
            picked = any(text_of(given(own, n)) == t for n, t in wanted.items())
        if picked and pool.root == pod.manifest.root:
            found.append(pool)
    return found


def _required(pool: Manifest, label: str) -> Iterator[Value]:
    listed = given(pool.value, "spec", "template", "spec", "requirements")
    for one in listed.elements() if listed is not None else ():
        if text_of(one.get("key")) == label and text_of(one.get("operator")) == "In":
            values = given(one, "values")
            yield from _settled(values)


def _settled(values: Value | None) -> Iterator[Value]:
    if values is None:
        return
    if isinstance(values.data, Unknown):
        yield values
    for value in values.elements()[:_MAX_PLACES]:
        yield settled(value)


def _of_queue(pod: Pod, objects: Objects, label: str) -> list[Value]:
    """The places of a queue's flavours; [] unless every flavour names one."""
    labels = given(pod.manifest.value, "metadata", "labels")
    name = text_of(given(labels, _QUEUE))
    local = objects.find("LocalQueue", name, pod.manifest) if name else None
    if local is None:
        return []
    cluster = text_of(given(local.value, "spec", "clusterQueue"))
    queue = objects.find("ClusterQueue", cluster, local, cluster=True)
    groups = given(queue.value, "spec", "resourceGroups") if queue is not None else None
    found: list[Value] = []
    for group in groups.elements() if groups is not None else ():
        flavours = given(group, "flavors")
        for one in flavours.elements() if flavours is not None else ():
            value = _flavour(text_of(given(one, "name")), local, objects, label)
            if value is None:
                return []
            found.append(value)
    return found


def _flavour(name: str, near: Manifest, objects: Objects, label: str) -> Value | None:
    found = objects.find("ResourceFlavor", name, near, cluster=True)
    value = (
        given(found.value, "spec", "nodeLabels", label) if found is not None else None
    )
    return settled(value) if value is not None else None


def _of_class(pod: Pod, objects: Objects, label: str) -> list[Value]:
    """The zones of a GKE ComputeClass, where each of its priorities names some."""
    if not label.endswith("/zone"):
        return []
    name = text_of(given(pod.template.spec, "nodeSelector", _CLASS))
    kind = (
        objects.find("ComputeClass", name, pod.manifest, cluster=True) if name else None
    )
    priorities = given(kind.value, "spec", "priorities") if kind is not None else None
    found: list[Value] = []
    for one in priorities.elements() if priorities is not None else ():
        zones = list(_settled(given(one, "location", "zones")))
        if not zones:
            return []
        found += zones
    return found
