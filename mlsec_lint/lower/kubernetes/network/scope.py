"""Which objects meet in one cluster: by root, folder and namespace.

A manifest without a namespace is applied wherever kubectl points, so that two of them
meet where they lie in one folder or are rendered together. Two roots that render the
same files (overlays of one base) are variants and never meet.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.kubernetes.index import same_cluster
from mlsec_lint.parse.placeholder import placeholder_name
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.kubernetes.manifest import Manifest

#: Namespaces that every cluster has: a name that says nothing about which cluster.
_EVERY_CLUSTER = frozenset({"", "default", "kube-system", "kube-public"})


@lru_cache(maxsize=4096)
def is_open(namespace: str) -> bool:
    """Whether a namespace as written is filled in later."""
    return "{{" in namespace or placeholder_name(namespace) is not None


class Scope(NamedTuple):
    """Where an object lives: its root or folder, its namespace as written, its cluster.

    `cluster` is "" where no provider configuration says which one it is.
    """

    root: str
    folder: str
    namespace: str
    cluster: str = ""


def scope_of(manifest: Manifest) -> Scope:
    """The scope of an object; `folder` only for what no root renders."""
    folder = "" if manifest.root else manifest.span.path.rpartition("/")[0]
    return Scope(manifest.root, folder, manifest.namespace, manifest.cluster)


class Clusters:
    """Says whether two objects of a scan meet; keeps what each root renders."""

    def __init__(self, manifests: Iterable[Manifest]) -> None:
        self._files: dict[str, set[tuple[str, int]]] = {}
        self._homes: dict[str, dict[str, None]] = {}
        self._variants: dict[tuple[str, str], bool] = {}
        self._known: dict[str, dict[str, None]] = {}
        for manifest in manifests:
            place = (manifest.span.source.path, manifest.span.start)
            self._files.setdefault(manifest.root, set()).add(place)
            is_namespace = manifest.kind == "Namespace"
            name = manifest.name if is_namespace else manifest.namespace
            if manifest.cluster:
                self._known.setdefault(name, {}).setdefault(manifest.cluster)
            if is_namespace or manifest.kind.endswith("NetworkPolicy"):
                self._homes.setdefault(name, {}).setdefault(manifest.root)

    def meet(self, one: Scope, other: Scope, *, cluster: bool = False) -> Truth:
        """Whether an object of the first scope and a pod of the other share a place.

        `cluster`: the first one has no namespace and counts for the whole cluster;
        else both have to be in one namespace.
        """
        if not same_cluster(one.cluster, other.cluster):
            return False
        found = self._meet(one, other, cluster=cluster)
        known = self._known.get(other.namespace, {})
        if found is True and len(known) > 1 and not (one.cluster and other.cluster):
            if one.cluster or other.cluster:
                why = f"which of {len(known)} clusters with namespace {other.namespace}"
                return Unknown("unsupported", f"{why} is meant is not known")
        return found

    def _meet(self, one: Scope, other: Scope, *, cluster: bool) -> Truth:
        if not cluster and one.namespace != other.namespace:
            return self._unnamed(one, other)
        if one.root != other.root:
            return self._across(one, other, cluster=cluster)
        if one.root:
            return True
        if one.namespace and not cluster and one.namespace not in _EVERY_CLUSTER:
            return True
        return self._folders(one, other, cluster=cluster)

    def _unnamed(self, one: Scope, other: Scope) -> Truth:
        """Two namespaces that differ as written; one may be filled in by kubectl."""
        named = one.namespace or other.namespace
        if is_open(one.namespace) or is_open(other.namespace):
            return self._filled_in(one, other)
        if one.namespace and other.namespace:
            return False
        if one.root or other.root:
            if one.root == other.root:
                return named == "default" and _guess(named)
            return False
        if one.folder == other.folder or named == "default":
            return _near(one.folder, other.folder) and _guess(named)
        return False

    def _filled_in(self, one: Scope, other: Scope) -> Truth:
        """Two namespaces that differ as written; one is a placeholder."""
        if one.root != other.root or not _near(one.folder, other.folder):
            return False
        why = f"namespaces {one.namespace or 'default'} and {other.namespace or 'default'}"
        return Unknown("placeholder", f"{why} may be filled in to be the same")

    def _across(self, one: Scope, other: Scope, *, cluster: bool) -> Truth:
        if self.variants(one.root, other.root):
            return False
        if cluster or one.namespace in _EVERY_CLUSTER:
            return _elsewhere(one, other) if cluster and one.namespace == "" else False
        homes = self._homes.get(one.namespace, {})
        if other.root not in homes and len(homes) == 1:
            return True
        return _elsewhere(one, other)

    def _folders(self, one: Scope, other: Scope, *, cluster: bool) -> Truth:
        if one.folder == other.folder:
            return True
        if cluster or one.namespace:
            same = one.folder.partition("/")[0] == other.folder.partition("/")[0]
            return True if same else _elsewhere(one, other)
        if _near(one.folder, other.folder):
            why = "neither names a namespace, and they lie in different folders"
            return Unknown("unsupported", why)
        return False

    def variants(self, one: str, other: str) -> bool:
        """Whether two roots render some of the same files, for clusters of their own."""
        if one == other or not one or not other:
            return False
        key = (one, other) if one < other else (other, one)
        found = self._variants.get(key)
        if found is None:
            mine, theirs = self._files.get(one, set()), self._files.get(other, set())
            found = self._variants[key] = not mine.isdisjoint(theirs)
        return found


def _near(one: str, other: str) -> bool:
    """The same folder, one within the other, or two beside each other."""
    if one == other or _within(one, other) or _within(other, one):
        return True
    above = one.rpartition("/")[0]
    return bool(above) and above == other.rpartition("/")[0]


def _within(inner: str, outer: str) -> bool:
    return outer == "" or inner.startswith(outer + "/")


def _guess(named: str) -> Unknown:
    why = (
        f"one names no namespace, the other {named}: kubectl decides whether they meet"
    )
    return Unknown("unsupported", why)


def _elsewhere(one: Scope, other: Scope) -> Unknown:
    here, there = one.root or one.folder or ".", other.root or other.folder or "."
    why = f"whether {here} and {there} are applied to one cluster is not known"
    return Unknown("unsupported", why)
