"""Pods that run one model together: what one of them reads, the others hold too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlsec_lint.estate import Edge, Estate, Thing
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.jobs.run import Runner
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.workload import Pod

    Pods = list[tuple[Pod, list[Runner]]]


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
