"""Objects of a scan by kind, namespace and name, those of one root first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.scalars import given, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.kubernetes.workload import Pod


#: So many labels of a pod are indexed: aliases can give thousands to each of thousands.
_MOST_LABELS = 50


def namespace_of(manifest: Manifest) -> str:
    """The namespace as applied; "default" where the object names none."""
    return manifest.namespace or "default"


def same_cluster(one: str, other: str) -> bool:
    """Whether objects with these clusters may meet: not where both are known, apart.

    A cluster that is known by its name alone (`name:x`) may be any that is declared.
    """
    if not one or not other or one == other:
        return True
    return one.startswith("name:") is not other.startswith("name:")


def _nearness(one: str, other: str) -> tuple[bool, int]:
    """How near two files are: the same one first, then by the folders they share."""
    mine, yours = one.split("/")[:-1], other.split("/")[:-1]
    shared = 0
    for left, right in zip(mine, yours, strict=False):
        if left != right:
            break
        shared += 1
    return one == other, shared


class Objects:
    """An index over manifests: joins stay inside a root where it has the object.

    `pods` are the workloads made so far, for the lowerings that come after.
    """

    def __init__(self, manifests: Iterable[Manifest]) -> None:
        self.pods: list[Pod] = []
        self._pods_of: dict[int, list[Pod]] = {}
        self._counted = 0
        self._labelled: dict[tuple[str, str, str], list[Pod]] = {}
        self._looked_at = 0
        self._named: dict[tuple[str, str], list[Manifest]] = {}
        self._spaced: dict[tuple[str, str, str], list[Manifest]] = {}
        self._kinds: dict[str, list[Manifest]] = {}
        for manifest in manifests:
            key = (manifest.kind, manifest.name)
            self._named.setdefault(key, []).append(manifest)
            spaced = (*key, namespace_of(manifest))
            self._spaced.setdefault(spaced, []).append(manifest)
            self._kinds.setdefault(manifest.kind, []).append(manifest)

    def of(self, kind: str) -> Iterator[Manifest]:
        """All objects of a kind, in order."""
        yield from self._kinds.get(kind, ())

    def pods_of(self, manifest: Manifest) -> list[Pod]:
        """The workloads made of one object so far."""
        for pod in self.pods[self._counted :]:
            self._pods_of.setdefault(id(pod.manifest), []).append(pod)
        self._counted = len(self.pods)
        return self._pods_of.get(id(manifest), [])

    def labelled(self, namespace: str, key: str, text: str) -> list[Pod]:
        """The workloads made so far whose template has a label, in a namespace."""
        for pod in self.pods[self._looked_at :]:
            labels = given(pod.template.metadata, "labels")
            for name, value in list(labels.items())[:_MOST_LABELS] if labels else ():
                entry = (namespace_of(pod.manifest), name, text_of(value))
                self._labelled.setdefault(entry, []).append(pod)
        self._looked_at = len(self.pods)
        return self._labelled.get((namespace, key, text), [])

    def find(
        self, kind: str, name: str, near: Manifest, *, cluster: bool = False
    ) -> Manifest | None:
        """The object that `near` means by a name; None when the scan does not hold it.

        Of several (overlays, plain files) the one of the same root wins, among those
        the one of the same file, then the nearest folder: samples of one repository
        use the same names for different things. Cluster-wide kinds have no namespace.
        """
        if cluster:
            named = self._named.get((kind, name), ())
        else:
            named = self._spaced.get((kind, name, namespace_of(near)), ())
        found = [m for m in named if same_cluster(m.cluster, near.cluster)]
        if not found:
            return None
        own = [m for m in found if m.root == near.root] or found
        if len(own) == 1:
            return own[0]
        return max(own, key=lambda m: _nearness(m.span.path, near.span.path))

    def of_clusters(self, kind: str, name: str, near: Manifest) -> list[Manifest]:
        """What `near` may mean by a name where nothing tells its cluster.

        Several only where objects of that name go to clusters that are known, apart;
        one of them for each cluster. Else what `find` finds.
        """
        named = self._spaced.get((kind, name, namespace_of(near)), ())
        clusters = {m.cluster: m for m in reversed(named) if m.cluster}
        if near.cluster or len(clusters) < 2 or any(not m.cluster for m in named):
            found = self.find(kind, name, near)
            return [] if found is None else [found]
        return list(clusters.values())[::-1]
