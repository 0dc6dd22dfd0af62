"""Groups of nodes: in which cluster, as whom their machines act, what pods reach there.

Node groups and pools are workloads already; here they are tied to their cluster and to
the identity of their machines. Self-managed groups are Auto Scaling groups with the tag
`kubernetes.io/cluster/NAME`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Fact, Thing
from mlsec_lint.lower.clusters.found import AKS, EKS, GKE
from mlsec_lint.lower.clusters.metadata import (
    aks_guard,
    eks_guard,
    gke_guard,
    template_guard,
)
from mlsec_lint.lower.kubernetes.rights import named_identities
from mlsec_lint.lower.machines import machine
from mlsec_lint.lower.reading import blocks, by_default, given, put, put_also, span_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.clusters.found import Cluster, Clusters
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

NODE_GROUP = "aws_eks_node_group"
SCALING_GROUP = "aws_autoscaling_group"
TEMPLATE = "aws_launch_template"
GKE_POOL = "google_container_node_pool"
AKS_POOL = "azurerm_kubernetes_cluster_node_pool"
_TAG = "kubernetes.io/cluster/"
_ROLES = ("aws_iam_role",)
#: The name of the group that a cluster of GKE makes for itself.
_POOL = "default-pool"
_DEFAULT_ACCOUNT = "-compute@developer.gserviceaccount.com"


class Group(NamedTuple):
    """A group of nodes of a cluster.

    * `workload`: its thing; `guard`: whether pods are kept from its identity;
    * `certain`: whether it is one of this cluster's for certain.
    """

    workload: Thing
    guard: Fact
    certain: bool = True


def link_nodes(
    index: TerraformIndex, clusters: Clusters, estate: Estate
) -> dict[str, list[Group]]:
    """Tie every group of nodes to its cluster and identity; groups by the cluster."""
    found: dict[str, list[Group]] = {}
    readers = {GKE: _gke, AKS: _aks}
    tagged = _tagged(index)
    for cluster in clusters:
        if cluster.resource.type == EKS:
            groups = list(_eks(index, cluster, estate, tagged))
        else:
            groups = list(readers[cluster.resource.type](index, cluster, estate))
        found[cluster.thing.address] = groups
        for group in groups:
            words = "its pods run on these machines"
            span = group.workload.span
            estate.link(cluster.thing, "has nodes", group.workload, span, words)
            put_also(cluster.thing, "metadata.guarded", group.guard)
            put(group.workload, "metadata.guarded", group.guard)
    return found


_Tagged = dict[str, list[tuple["RootIndex", "Resource"]]]


def _eks(
    index: TerraformIndex, cluster: Cluster, estate: Estate, tagged: _Tagged
) -> Iterator[Group]:
    here, resource = cluster.here, cluster.resource
    named = index.satellites(here, resource, NODE_GROUP, "cluster_name")
    for group in named.found:
        home = index.home(group)
        workload = machine(home, estate, group, "aws", "node-group")
        role = given(group.values, "node_role_arn")
        if role is not None:
            act_as(estate, home, workload, role, group, _ROLES, "its node role")
        _taints(workload, group, blocks(group.values, "taint"))
        named_so = home.text_of(given(group.values, "node_group_name"))
        own = {"eks.amazonaws.com/nodegroup": named_so}
        _labels(home, workload, group, given(group.values, "labels"), own)
        yield Group(workload, eks_guard(home, group, resource))
    name = here.attribute(resource, "name")
    if isinstance(name, str):
        for home, group in tagged.get(name, ()):
            yield _self_managed(home, group, estate)


def _tagged(index: TerraformIndex) -> _Tagged:
    """Auto Scaling groups by the names of the clusters that their tags say."""
    found: _Tagged = {}
    for home in index.roots:
        for group in home.of(SCALING_GROUP):
            keys = (home.text_of(key) for key in values_at(group.values, "tag.key"))
            for key in dict.fromkeys(k for k in keys if isinstance(k, str)):
                if key.startswith(_TAG):
                    found.setdefault(key.removeprefix(_TAG), []).append((home, group))
    return found


def _self_managed(home: RootIndex, group: Resource, estate: Estate) -> Group:
    """An Auto Scaling group: its launch template names the instance profile."""
    workload = machine(home, estate, group, "aws", "node-group")
    block = given(group.values, "launch_template")
    if block is None:
        block = given(
            group.values,
            "mixed_instances_policy",
            "launch_template",
            "launch_template_specification",
        )
    named = given(block, "id") or given(block, "launch_template_id")
    named = named or given(block, "name")
    templates = home.parents(named, (TEMPLATE,))
    if not templates:
        why = "its launch template is not in the scan"
        unsure = Unknown("resource", why, span=group.span)
        return Group(workload, Fact(unsure, group.span))
    template = templates[0]
    profile = given(template.values, "iam_instance_profile")
    value = given(profile, "name") or given(profile, "arn")
    for one in home.parents(value, ("aws_iam_instance_profile",)):
        role = given(one.values, "role")
        if role is not None:
            act_as(estate, home, workload, role, one, _ROLES, "its instance profile")
    return Group(workload, template_guard(template))


def _gke(index: TerraformIndex, cluster: Cluster, estate: Estate) -> Iterator[Group]:
    here, resource = cluster.here, cluster.resource
    pools = list(index.satellites(here, resource, GKE_POOL, "cluster").found)
    removed = given(resource.values, "remove_default_node_pool")
    own = given(resource.values, "node_config")
    if own is not None or (not pools and removed is None):
        pools.append(resource)
    for pool in pools:
        home = index.home(pool)
        workload = machine(home, estate, pool, "gcp", "node-group")
        config = given(pool.values, "node_config")
        account = given(config, "service_account")
        if account is None:
            account = given(
                resource.values,
                "cluster_autoscaling",
                "auto_provisioning_defaults",
                "service_account",
            )
        _gke_account(estate, home, workload, pool, account)
        _taints(workload, pool, blocks(config, "taint"))
        name = home.text_of(given(pool.values, "name"))
        named_so = {
            "cloud.google.com/gke-nodepool": _POOL if pool is resource else name
        }
        _labels(home, workload, pool, given(config, "labels"), named_so)
        yield Group(workload, gke_guard(pool, resource))


def _gke_account(
    estate: Estate,
    home: RootIndex,
    workload: Thing,
    pool: Resource,
    account: Value | None,
) -> None:
    kinds = ("google_service_account", "data.google_service_account")
    if account is not None and home.text_of(account) != "default":
        act_as(estate, home, workload, account, pool, kinds, "its service account")
        text = home.text_of(account)
        is_default = isinstance(text, str) and text.endswith(_DEFAULT_ACCOUNT)
        own: bool | Unknown = not is_default
        if isinstance(text, Unknown) and not text.parts and text.symbol is None:
            own = text._replace(possible=None)
        workload.state("identity.own", own, span_of(account, pool))
        return
    default = by_default(pool, "service_account", GKE_POOL)
    span = pool.span if account is None else span_of(account, pool)
    identity = default_account(estate, home, pool, span)
    words = "names no service account: the project's default one"
    estate.link(workload, "runs as", identity, span, words)
    workload.state("identity.own", value=False, span=span, default=default.default)


def default_account(
    estate: Estate, home: RootIndex, resource: Resource, span: Span
) -> Thing:
    """The default service account of Compute Engine in the project of a resource."""
    project = home.attribute(resource, "project")
    if not isinstance(project, str):
        provider = resource.provider.values
        text = home.text_of(given(provider, "project"))
        project = text if isinstance(text, str) else ""
    where = f"projects/{project}" if project else home.prefix + "project"
    address = f"{where}/default{_DEFAULT_ACCOUNT}"
    name = "the default service account of Compute Engine"
    thing = estate.add(Thing("identity", address, name, span, "gcp"))
    if "sort" not in thing.facts:
        thing.state("sort", "service-account", span)
        if project:
            thing.state("account", project, span)
    return thing


def _aks(index: TerraformIndex, cluster: Cluster, estate: Estate) -> Iterator[Group]:
    here, resource = cluster.here, cluster.resource
    pools = [(p, p.values) for p in _aks_pools(index, cluster)]
    default = blocks(resource.values, "default_node_pool")
    if default:
        pools.insert(0, (resource, default[0]))
    identity = _kubelet(here, resource, estate)
    for pool, values in pools:
        home = index.home(pool)
        workload = machine(home, estate, pool, "azure", "node-group")
        words = "its machines act as the kubelet identity of the cluster"
        if identity is not None:
            estate.link(workload, "runs as", identity, identity.span, words)
        only = given(values, "only_critical_addons_enabled")
        if only is not None and only.boolean() is True:
            workload.state("nodes.dedicated", value=True, span=span_of(only, pool))
        else:
            _taints(workload, pool, tuple(values_at(values, "node_taints")))
        name = home.text_of(given(values, "name"))
        named_so = {"agentpool": name, "kubernetes.azure.com/agentpool": name}
        _labels(home, workload, pool, given(values, "node_labels"), named_so)
        yield Group(workload, aks_guard(resource))


def _aks_pools(index: TerraformIndex, cluster: Cluster) -> tuple[Resource, ...]:
    attribute = "kubernetes_cluster_id"
    return index.satellites(cluster.here, cluster.resource, AKS_POOL, attribute).found


def _kubelet(here: RootIndex, cluster: Resource, estate: Estate) -> Thing | None:
    stated = given(cluster.values, "kubelet_identity", "user_assigned_identity_id")
    if stated is not None:
        for one in here.parents(stated, ("azurerm_user_assigned_identity",)):
            return estate.find("identity", here.address(one))
        return None
    address = f"{here.address(cluster)}.kubelet_identity"
    name = f"the kubelet identity of {cluster.address}"
    made = Thing("identity", address, name, cluster.span, "azure", here.root.path)
    thing = estate.add(made)
    if "sort" not in thing.facts:
        thing.state("sort", "managed-identity")
    return thing


def _labels(
    home: RootIndex,
    workload: Thing,
    owner: Resource,
    stated: Value | None,
    own: dict[str, str | Unknown | None],
) -> None:
    """State the labels of a group's machines; `own` are those that name the group.

    (EKS, GKE and AKS set these on every machine; their user guides, 2026-11.)
    """
    labels = dict(own)
    if stated is not None:
        if stated.unknown is not None:
            why = stated.unknown._replace(possible=None)
            workload.state("nodes.labels", why, span_of(stated, owner))
            return
        labels |= {key: home.text_of(value) for key, value in stated.items()}
    texts = (
        f"{key}={text if isinstance(text, str) else '*'}"
        for key, text in labels.items()
    )
    span = owner.span if stated is None else span_of(stated, owner)
    workload.state("nodes.labels", tuple(texts), span)


def _taints(workload: Thing, owner: Resource, taints: tuple[Value, ...]) -> None:
    """Whether a taint keeps pods away that do not tolerate it."""
    if not taints:
        words = "no taint is set: every pod may be put there"
        workload.state("nodes.dedicated", value=False, default=words)
        return
    unsure = next((t.unknown for t in taints if t.unknown is not None), None)
    value: bool | Unknown = True
    if unsure is not None and len(taints) == 1:
        value = unsure._replace(possible=None)
    workload.state("nodes.dedicated", value, span_of(taints[0], owner))


def act_as(
    estate: Estate,
    home: RootIndex,
    workload: Thing,
    value: Value,
    owner: Resource,
    kinds: tuple[str, ...],
    words: str,
) -> None:
    """A workload acts as the identity that a value names, declared or not."""
    span = span_of(value, owner)
    found = home.parents(value, kinds)
    things = [estate.find("identity", home.address(one)) for one in found]
    known = [thing for thing in things if thing is not None]
    for thing in known:
        certain = len(known) == 1
        why = "" if certain else f"it may be each of {len(known)} identities"
        estate.link(workload, "runs as", thing, span, words, certain=certain, why=why)
    text = home.text_of(value)
    if known or not isinstance(text, str) or not text:
        return
    for thing in identities_named(estate, text, span):
        estate.link(workload, "runs as", thing, span, words)


def identities_named(estate: Estate, text: str, span: Span) -> list[Thing]:
    """The identities that go by a name; one that nothing declares where none does."""
    found = named_identities(estate, text)
    return found or [estate.add(Thing("identity", text, text, span, names={text}))]
