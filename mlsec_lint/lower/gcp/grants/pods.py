"""Service accounts of GKE clusters, by the identity pool that clusters of a project share.

A member `PROJECT.svc.id.goog[NAMESPACE/NAME]` is that service account in every cluster
of the project's pool. (GKE, "About Workload Identity Federation for GKE", identity
sameness, 2026-11.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.lower.gcp.grants.scopes import project_of, same_project
from mlsec_lint.lower.gcp.grants.texts import project_name, same, shown, told, whole
from mlsec_lint.lower.in_terraform.clusters import CLUSTERS
from mlsec_lint.lower.kubernetes.index import namespace_of
from mlsec_lint.lower.reading import given
from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import TerraformIndex
    from mlsec_lint.source import Span

GKE = "google_container_cluster"
_POOL = regex(r"(?P<project>.+)\.svc\.id\.goog")
_POD = regex(r"ns/(?P<space>[^/]+)/sa/(?P<name>[^/]+)")
_ADDRESS = regex(r"ServiceAccount/(?P<space>[^/]+)/(?P<name>[^/]+)")


class Account(NamedTuple):
    """A service account of a cluster. `cluster` is "" where nothing says which."""

    thing: Thing
    space: str
    name: str
    cluster: str


class Actor(NamedTuple):
    """An identity that a member stands for; `doubt` says why it may not be one."""

    thing: Thing
    doubt: str = ""


class Pods:
    """The service accounts of a scan, with the pools of the clusters that they are in."""

    def __init__(self, index: TerraformIndex, inputs: Inputs, estate: Estate) -> None:
        self.estate = estate
        self._pools: dict[str, str] = {}
        self._others = False
        self._spaces: dict[str, set[str]] = {}
        self._named: dict[str, list[Account]] = {}
        self._clusters(index)
        self._objects(inputs)

    def _clusters(self, index: TerraformIndex) -> None:
        """Each GKE cluster's pool, by the project it is in or as stated."""
        for here in index.roots:
            for cluster in here.of(GKE):
                config = given(cluster.values, "workload_identity_config")
                stated = given(config, "workload_pool")
                pool = project_of(here, cluster)
                if stated is not None:
                    match = _POOL.fullmatch(told(here, stated))
                    pool = project_name(match["project"]) if match else pool
                self._pools[here.address(cluster)] = pool
            others = (c for c in here.of(*CLUSTERS) if c.type != GKE)
            self._others = self._others or any(True for _ in others)

    def _objects(self, inputs: Inputs) -> None:
        by_address: dict[str, str] = {}
        for manifest in inputs.manifests:
            space = namespace_of(manifest)
            if manifest.kind == "Namespace":
                space = manifest.name
            if manifest.cluster:
                self._spaces.setdefault(manifest.cluster, set()).add(space)
            if manifest.kind == "ServiceAccount":
                address = manifest.address or f"ServiceAccount/{space}/{manifest.name}"
                # what the config or a script says takes no binding back
                by_address[address] = "" if manifest.said else manifest.cluster
        for thing in self.estate.of("identity"):
            match = _ADDRESS.fullmatch(thing.name)
            if match is not None and thing.provider == "kubernetes":
                cluster = by_address.get(thing.address, "")
                entry = Account(thing, match["space"], match["name"], cluster)
                self._named.setdefault(match["name"], []).append(entry)

    def accounts(self, project: str, space: str, name: str, span: Span) -> list[Actor]:
        """The service accounts of a namespace and name in a pool; one at least.

        `name` "" is every one of the namespace, `space` "" of the pool.
        """
        found = [
            Actor(account.thing, doubt)
            for account in self._called(name)
            if (doubt := self._fits(account, project, space, name)) is not None
        ]
        if not found and space and name:
            address = f"ServiceAccount/{shown(space)}/{shown(name)}"
            made = Thing("identity", address, address, span, "kubernetes")
            found.append(Actor(self.estate.add(made)))
        return found

    def _called(self, name: str) -> Iterator[Account]:
        """Accounts that may go by a name: all of them where it is not known."""
        if name and whole(name):
            yield from self._named.get(name, ())
        for known, accounts in self._named.items():
            if not (name and whole(name)) or (known != name and "$" in known):
                yield from accounts

    def _fits(
        self, account: Account, project: str, space: str, name: str
    ) -> str | None:
        """None for another account; "" for a certain one; else why it is in doubt."""
        alike = [
            True if not space else same(account.space, space),
            True if not name else same(account.name, name),
        ]
        if False in alike:
            return None
        pool = self._pools.get(account.cluster)
        if pool is not None:
            found = same_project(pool, project)
            if found is False:
                return None
            alike.append(found)
        elif account.cluster:
            if account.cluster.startswith("name:"):
                alike.append(None)
            else:
                return None  # a cluster of another provider
        elif not self._may_be_of(project):
            return None
        elif self._others:
            alike.append(None)
        return "whether it is in a cluster of that pool is not known" * (None in alike)

    def _may_be_of(self, project: str) -> bool:
        """Whether a manifest of an unknown cluster may go to one of the pool."""
        pools = self._pools.values()
        return not pools or any(same_project(p, project) is not False for p in pools)

    def clusters(self, project: str) -> frozenset[str]:
        """The clusters of the scan that are certainly in a project's pool."""
        return frozenset(
            cluster
            for cluster, pool in self._pools.items()
            if same_project(pool, project) is True
        )

    def scope(self, project: str, space: str, name: str) -> str:
        """How many clusters of a pool have what a member names: `account` or `pool`."""
        clusters = {
            cluster
            for cluster, pool in self._pools.items()
            if same_project(pool, project) is not False
            and space in self._spaces.get(cluster, ())
        }
        clusters |= {
            account.cluster
            for account in self._called(name)
            if account.cluster and self._fits(account, project, space, name) == ""
        }
        return "pool" if len(clusters) > 1 else "account"


class PodMember(NamedTuple):
    """Which service accounts of a pool a `principal://` or `principalSet://` names."""

    project: str
    space: str
    name: str
    scope: str


def pod_member(pool: str, rest: str) -> PodMember | None:
    """The GKE forms of principal identifiers; None for those of other pools."""
    match = _POOL.fullmatch(pool)
    if match is None:
        return None
    project = project_name(match["project"])
    kind, _, name = rest.partition("/")
    if kind == "subject":
        found = _POD.fullmatch(name)
        if found is not None:
            return PodMember(project, found["space"], found["name"], "account")
    if kind == "namespace" and name and whole(name):
        return PodMember(project, name, "", "namespace")
    return PodMember(project, "", "", "cluster")


def each(actors: list[Actor], doubt: str) -> Iterator[Actor]:
    """The same actors, with one more doubt."""
    for actor in actors:
        both = "; ".join(d for d in (doubt, actor.doubt) if d)
        yield actor._replace(doubt=both)
