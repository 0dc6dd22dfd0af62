"""In which cluster pods and namespaces are: by what is said, never by names of folders.

In order: the provider configuration or release that applies an object; what the config,
Argo CD or a script says (`assigned.py`), unless a trust certainly says otherwise; the
cluster whose tokens the cloud identity of the pod's service account trusts; the only
cluster of the scan. Where several are left, each perhaps, up to a bound. A folder that is
named after another cloud (`samples/aks/`) makes a guess doubtful, see `folders.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.clusters.folders import Folders
from mlsec_lint.lower.clusters.found import AKS, EKS, GKE
from mlsec_lint.lower.clusters.trust import trusts_of
from mlsec_lint.lower.reading import given
from mlsec_lint.lower.stores import are_variants
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.source import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.clusters.found import Cluster, Clusters
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource

#: To so many clusters a workload is tied that may run in each of them.
MAX_CANDIDATES = 8
_CREDENTIALS = "azurerm_federated_identity_credential"
_MEMBERS = (
    "google_service_account_iam_member.member",
    "google_service_account_iam_binding.members",
)


class Home(NamedTuple):
    """A cluster that something runs in, the line that says so, and words."""

    cluster: Thing
    span: Span
    words: str
    certain: bool = True
    why: str = ""


class Homes:
    """Answers where objects of a scan run."""

    def __init__(
        self,
        inputs: Inputs,
        index: TerraformIndex,
        clusters: Clusters,
        estate: Estate,
    ) -> None:
        self.index = index
        self.clusters = clusters
        self.estate = estate
        self.too_many: list[Manifest] = []
        self._folders = Folders(one.span.path for one in inputs.manifests)
        self._trusted = _trusted(index, clusters, estate)
        self._roots = {
            manifest.address: here for here, manifest in _declared_in(inputs, index)
        }
        self._accounts = {
            id(thing): one for thing, one in accounts_of(inputs, estate) if one.cluster
        }

    def of(self, manifest: Manifest, account: Thing | None) -> tuple[Home, ...]:
        """Where an object runs; `account` is the service account of its pods."""
        if not self.clusters.all:
            return ()
        if manifest.goes_to:
            return self._said(manifest, account)
        if manifest.cluster:
            return tuple(self._stated(manifest))
        if account is not None:
            declared = self._accounts.get(id(account))
            if declared is not None:
                words = f"its service account {account.name} is declared in it"
                return tuple(
                    home._replace(words=words) for home in self._stated(declared)
                )
            found = tuple(self._by_trust(account))
            if found:
                return found
        return tuple(self._left(manifest))

    def _said(self, manifest: Manifest, account: Thing | None) -> tuple[Home, ...]:
        """Where the config or a script says; a trust that leaves no doubt outweighs it."""
        trusted = tuple(self._by_trust(account)) if account is not None else ()
        if len(trusted) == 1 and trusted[0].cluster.address not in manifest.goes_to:
            self._against(manifest, trusted[0])
            return trusted
        found = (self.clusters.at(address) for address in manifest.goes_to)
        said = manifest.said
        words = said.words if said is not None else ""
        return tuple(
            Home(one.thing, manifest.span, words) for one in found if one is not None
        )

    def _against(self, manifest: Manifest, trusted: Home) -> None:
        if manifest.said is not None:
            words = f"{manifest.address} goes to {trusted.cluster.address} all the same"
            words += f" ({trusted.words}), not where {manifest.said.words}"
            span = manifest.said.span
            self.estate.note([Note("cluster-assigned", words, span.path, span)])

    def _stated(self, manifest: Manifest) -> Iterator[Home]:
        name = manifest.cluster
        words = "the provider configuration that applies it leads to this cluster"
        own = self.clusters.at(name)
        if own is not None:
            yield Home(own.thing, manifest.span, words)
            return
        called = name.removeprefix("name:")
        found = self.estate.named(called, "cluster") if name != called else []
        for thing in found[:MAX_CANDIDATES]:
            certain = len(found) == 1
            why = "" if certain else f"{len(found)} clusters are called {called}"
            words = f"it is applied to the cluster called {called}"
            yield Home(thing, manifest.span, words, certain, why)

    def _by_trust(self, account: Thing) -> Iterator[Home]:
        """The clusters whose tokens the identities trust that an account becomes."""
        found: dict[int, Home] = {}
        for edge in self.estate.edges_from(account, "becomes"):
            if not edge.certain:
                continue
            for cluster, span in self._trusted.get(edge.target.address, ()):
                words = f"{edge.target.name}, which its account becomes, trusts it"
                found.setdefault(id(cluster), Home(cluster, span, words))
        certain = len(found) == 1 or are_variants(
            [home.cluster for home in found.values()]
        )
        why = "" if certain else f"its identity trusts {len(found)} clusters"
        for home in list(found.values())[:MAX_CANDIDATES]:
            yield home._replace(certain=certain, why=why)

    def _left(self, manifest: Manifest) -> Iterator[Home]:
        """The only cluster (of its Terraform root, of the scan), else each perhaps."""
        only = self.clusters.only()
        if only:
            for one in only:
                words = f"{one.thing.name} is the only cluster of the scan"
                home = Home(one.thing, manifest.span, words)
                why = self._folders.doubt(manifest.span.path, one.thing)
                if why:
                    words = "it may run in this cluster"
                    home = home._replace(words=words, certain=False, why=why)
                yield home
            return
        groups = self._candidates(manifest)
        if len(groups) == 1:
            for one in groups[0]:
                words = f"{one.thing.name} is the only cluster of its Terraform root"
                yield Home(one.thing, manifest.span, words)
            return
        if len(groups) > MAX_CANDIDATES:
            self.too_many.append(manifest)
            return
        why = f"which of {len(groups)} clusters it goes to is not known"
        for group in groups:
            for one in group:
                words = "it may run in this cluster"
                yield Home(one.thing, manifest.span, words, certain=False, why=why)

    def _candidates(self, manifest: Manifest) -> list[list[Cluster]]:
        groups = list(self.clusters.apart.values())
        here = self._roots.get(manifest.address)
        own = [g for g in groups if here is not None and g[0].here is here]
        return own or groups


def _declared_in(
    inputs: Inputs, index: TerraformIndex
) -> Iterator[tuple[RootIndex, Manifest]]:
    """Objects that Terraform declares, with their root."""
    homes = {
        here.address(resource): here
        for here in index.roots
        for resource in here.resources
    }
    for manifest in inputs.manifests:
        here = homes.get(manifest.address.partition("#")[0])
        if here is not None:
            yield here, manifest


def _trusted(
    index: TerraformIndex, clusters: Clusters, estate: Estate
) -> dict[str, list[tuple[Thing, Span]]]:
    """By the address of an identity, the clusters whose service accounts it trusts."""
    found: dict[str, list[tuple[Thing, Span]]] = {}
    for here in index.roots:
        for address, pair in (
            *_of_roles(here, clusters),
            *_of_associations(here, estate),
            *_of_credentials(here, estate),
            *_of_members(here, clusters),
        ):
            found.setdefault(address, []).append(pair)
    return found


def _of_roles(
    here: RootIndex, clusters: Clusters
) -> Iterator[tuple[str, tuple[Thing, Span]]]:
    for role in here.of("aws_iam_role"):
        for trust in trusts_of(here, role).found:
            for address in trust.clusters:
                cluster = clusters.at(address)
                if cluster is not None:
                    yield here.address(role), (cluster.thing, trust.span)


def _of_associations(
    here: RootIndex, estate: Estate
) -> Iterator[tuple[str, tuple[Thing, Span]]]:
    for one in here.of("aws_eks_pod_identity_association"):
        roles = here.parents(given(one.values, "role_arn"), ("aws_iam_role",))
        for cluster in here.parents(given(one.values, "cluster_name"), (EKS,)):
            thing = estate.find("cluster", here.address(cluster))
            if thing is not None:
                for role in roles:
                    yield here.address(role), (thing, one.span)


def _of_credentials(
    here: RootIndex, estate: Estate
) -> Iterator[tuple[str, tuple[Thing, Span]]]:
    for one in here.of(_CREDENTIALS):
        owner = given(one.values, "user_assigned_identity_id")
        owner = owner or given(one.values, "parent_id")
        owners = here.parents(owner, ("azurerm_user_assigned_identity",))
        for cluster in here.parents(given(one.values, "issuer"), (AKS,)):
            thing = estate.find("cluster", here.address(cluster))
            if thing is not None:
                for identity in owners:
                    yield here.address(identity), (thing, one.span)


def _of_members(
    here: RootIndex, clusters: Clusters
) -> Iterator[tuple[str, tuple[Thing, Span]]]:
    pools: dict[str, list[Thing]] = {}
    for cluster in clusters:
        if cluster.resource.type == GKE:
            pools.setdefault(pool_of(cluster), []).append(cluster.thing)
    for dotted in _MEMBERS:
        kind, _, attribute = dotted.partition(".")
        for one in here.of(kind):
            account = given(one.values, "service_account_id")
            owners = here.parents(account, ("google_service_account",))
            for thing in _of_pool(here, one, attribute, pools):
                for identity in owners:
                    yield here.address(identity), (thing, one.span)


def _of_pool(
    here: RootIndex,
    binding: Resource,
    attribute: str,
    pools: dict[str, list[Thing]],
) -> Iterator[Thing]:
    """The clusters of the workload identity pool that a member is of."""
    for value in values_at(binding.values, attribute):
        text = here.text_of(value)
        if not isinstance(text, str) or ".svc.id.goog[" not in text:
            continue
        pool = text.removeprefix("serviceAccount:").partition("[")[0]
        yield from pools.get(pool, ())


def pool_of(cluster: Cluster) -> str:
    """The workload identity pool of a GKE cluster; "" where it has none or it is unknown."""
    named = given(cluster.resource.values, "workload_identity_config", "workload_pool")
    text = cluster.here.text_of(named)
    return text if isinstance(text, str) else ""


def link_homes(inputs: Inputs, homes: Homes, estate: Estate) -> None:
    """State in which cluster every pod and every namespace is."""
    objects = inputs.objects
    if objects is None:
        return
    spaces: dict[int, tuple[Thing, list[tuple[Home, ...]]]] = {}
    for pod in objects.pods:
        edges = estate.edges_from(pod.workload, "runs as")
        account = edges[0].target if len(edges) == 1 and edges[0].certain else None
        found = homes.of(pod.manifest, account)
        _link(estate, pod.workload, found)
        _keep(estate, pod.workload, found, spaces)
    accounts = accounts_of(inputs, estate)
    for identity, manifest in accounts:
        found = homes.of(manifest, identity)
        _keep(estate, identity, found, spaces)
    for space, listed in spaces.values():
        _link(estate, space, _together(listed))
    if homes.too_many:
        estate.note([_undecided(homes)])


def _undecided(homes: Homes) -> Note:
    first = homes.too_many[0]
    names = {one.address for one in homes.too_many}
    words = f"to which of {len(homes.clusters.apart)} clusters {first.address}"
    words += f" and {len(names) - 1:,} more objects go" if len(names) > 1 else " goes"
    words += " is not known, and of none is it judged; `clusters` in the config says it"
    return Note("cluster-unknown", words, first.span.path, first.span)


def accounts_of(inputs: Inputs, estate: Estate) -> list[tuple[Thing, Manifest]]:
    """Every ServiceAccount that the scan holds, as identity and as object."""
    objects = inputs.objects
    if objects is None:
        return []
    things = {
        (thing.span.source.path, thing.span.start, thing.root, thing.address): thing
        for thing in estate.of("identity")
        if thing.name.startswith("ServiceAccount/")
    }
    by_place = {key[:3]: thing for key, thing in things.items()}
    found = []
    for manifest in objects.of("ServiceAccount"):
        place = (manifest.span.source.path, manifest.span.start, manifest.root)
        thing = things.get((*place, manifest.address)) or by_place.get(place)
        if thing is not None:
            found.append((thing, manifest))
    return found


def _keep(
    estate: Estate,
    thing: Thing,
    found: tuple[Home, ...],
    spaces: dict[int, tuple[Thing, list[tuple[Home, ...]]]],
) -> None:
    for edge in estate.edges_to(thing, "contains"):
        if not edge.certain:
            continue
        spaces.setdefault(id(edge.source), (edge.source, []))[1].append(found)


def _together(listed: list[tuple[Home, ...]]) -> tuple[Home, ...]:
    """Where a namespace is: where what it contains certainly is, else perhaps."""
    certain = [h for homes in listed for h in homes if h.certain]
    chosen = certain or [h for homes in listed for h in homes]
    kept: dict[int, Home] = {}
    for home in chosen:
        kept.setdefault(id(home.cluster), home)
    return tuple(kept.values())


def _link(estate: Estate, thing: Thing, found: tuple[Home, ...]) -> None:
    for home in found:
        estate.link(
            thing,
            "runs on",
            home.cluster,
            home.span,
            home.words,
            certain=home.certain,
            why=home.why,
        )
