"""Pods that run one model together: what one of them reads, the others hold too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.estate import Edge, Estate, Thing
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.jobs.run import Runner
    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.workload import Pod
    from mlsec_lint.value import Value

    Pods = list[tuple[Pod, list[Runner]]]

#: A container that is to be read: its scene, itself, the server that it starts.
Read = tuple["Scene", "Value", str]


def hold_together(
    estate: Estate, pods: Pods, verbs: tuple[str, ...], known: int = 0
) -> None:
    """What the first pod starts runs on the others with accelerators: they hold it too.

    `verbs` of the edges that they share; `known`: how many edges the first had before
    what it starts was read. A disk of the first pod alone is not theirs, nor is a volume
    that they do not mount.
    """
    head = pods[0][0].workload
    workers = [pod.workload for pod, _ in pods[1:] if pod.accelerator]
    local = _mounted(estate, head)
    for edge in list(estate.edges_from(head))[known:]:
        if edge.verb not in verbs or _is_own(head, edge.target):
            continue
        for worker in workers:
            absent = id(edge.target) in local - _mounted(estate, worker)
            if absent or _has(estate, worker, edge):
                continue
            said = (edge.verb, edge.target, edge.span, edge.words)
            estate.link(worker, *said, certain=edge.certain, why=edge.why)
    for piece in head.evidence:
        for worker in workers:
            worker.holds_weights(piece.strength, piece.words, piece.span)


def _mounted(estate: Estate, workload: Thing) -> set[int]:
    """The stores that a workload's volumes lie in."""
    return {
        id(backing.target)
        for mounts in estate.edges_from(workload, "mounts")
        for backing in estate.edges_from(mounts.target, "is backed by")
    }


def _has(estate: Estate, worker: Thing, edge: Edge) -> bool:
    """Whether a worker says by itself what the first pod does."""
    return any(
        own.target is edge.target for own in estate.edges_from(worker, edge.verb)
    )


def _is_own(head: Thing, target: Thing) -> bool:
    """Whether a store is a container's own layer or a volume of one pod."""
    if target.kind != "store":
        return False
    return target.address.startswith((f"{head.address}/", f"{head.address}#/"))


def lower_group(
    estate: Estate, _manifest: Manifest, pods: Pods, _objects: Objects
) -> None:
    """A LeaderWorkerSet: the leader's command line names the model, all hosts load it."""
    if len(pods) > 1:
        hold_together(estate, pods, ("reads", "writes", "fetches"))


def lend_to_launcher(pods: Sequence[tuple[Pod, list[Read]]]) -> None:
    """`mpirun` in a launcher starts programs on the workers: there are their volumes."""
    workers = [(pod, ready) for pod, ready in pods if not _launches(pod)]
    for pod, ready in pods:
        for scene, _, _ in ready if _launches(pod) else ():
            own = {entry.path for entry in scene.mounted}
            lent = [
                entry for _, there in workers for s, *_ in there for entry in s.mounted
            ]
            scene.mounted += [entry for entry in lent if entry.path not in own]
            scene.accelerator |= any(worker.accelerator for worker, _ in workers)


def _launches(pod: Pod) -> bool:
    return pod.template.label == "Launcher"


def lower_mpi(
    estate: Estate, _manifest: Manifest, pods: Pods, _objects: Objects
) -> None:
    """An MPIJob: the workers with accelerators hold what the launcher's program does."""
    launchers = [pair for pair in pods if _launches(pair[0])]
    if launchers and len(pods) > 1:
        others = [pair for pair in pods if pair not in launchers]
        hold_together(estate, [launchers[0], *others], ("reads", "writes", "fetches"))
