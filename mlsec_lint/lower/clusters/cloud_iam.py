"""Who identities of Google Cloud and Azure are in GKE and AKS clusters.

Google identities count in a cluster as users by their e-mail, groups where the cluster
names a group for it (Google Groups for RBAC). Azure identities come in by Azure RBAC for
Kubernetes, as members of the admin groups, as users and groups by object id, and with the
local admin's certificate where local accounts are on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.azure.grants.assignments import grants_of
from mlsec_lint.lower.azure.grants.placing import place_of
from mlsec_lint.lower.azure.grants.principals import principals
from mlsec_lint.lower.azure.grants.scopes import Scope, covers
from mlsec_lint.lower.clusters.cloud_roles import ROLES, Granted, add_granted
from mlsec_lint.lower.clusters.found import AKS, GKE
from mlsec_lint.lower.gcp.grants.bindings import Origin, bindings_above
from mlsec_lint.lower.gcp.grants.people import People
from mlsec_lint.lower.gcp.grants.scopes import same_project
from mlsec_lint.lower.kubernetes.rbac import subject_address
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.azure.grants.assignments import Grant
    from mlsec_lint.lower.clusters.cloud_roles import Budget
    from mlsec_lint.lower.clusters.found import Cluster, Clusters
    from mlsec_lint.lower.gcp.grants.evaluate import Binding
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import TerraformIndex

_LOCAL_ADMIN = (
    "Owner",
    "Contributor",
    "Azure Kubernetes Service Cluster Admin Role",
    "Azure Kubernetes Service Contributor Role",
)
_RBAC = "azure_active_directory_role_based_access_control"
_MAX_BINDINGS = 5_000


def link_cloud_identities(
    inputs: Inputs,
    index: TerraformIndex,
    clusters: Clusters,
    estate: Estate,
    budget: Budget,
    *,
    several: bool,
) -> None:
    """State the bindings and subjects of clouds in the clusters that run something."""
    used = [c for c in clusters if estate.edges_to(c.thing, "runs on")]
    gke = [c for c in used if c.resource.type == GKE]
    aks = [c for c in used if c.resource.type == AKS]
    if gke:
        _google(inputs, index, gke, estate, budget)
    if aks:
        _azure(index, aks, estate, budget)
    for cluster in (*gke, *aks):
        _subjects(cluster, estate, several=several)


def _google(
    inputs: Inputs,
    index: TerraformIndex,
    clusters: list[Cluster],
    estate: Estate,
    budget: Budget,
) -> None:
    people = People(index, inputs, estate)
    bindings = [b for b in bindings_above(index) if b.role in ROLES]
    for number, binding in enumerate(bindings[:_MAX_BINDINGS]):
        for cluster in clusters:
            doubt = _in_project(binding, cluster)
            if doubt is not None:
                _google_binding(people, binding, cluster, doubt, number, budget)


def _in_project(binding: Binding, cluster: Cluster) -> str | None:
    """Why a binding may not count for a cluster, "" where it does, None where not."""
    if binding.scope.level == "project":
        project = cluster.here.attribute(cluster.resource, "project")
        provider = cluster.resource.provider.values
        if not isinstance(project, str):
            project = cluster.here.text_of(given(provider, "project"))
        same = same_project(
            binding.scope.name, project if isinstance(project, str) else ""
        )
        if same is False:
            return None
        unsure = "" if same else "whether it is the project of the cluster is not known"
    else:
        unsure = f"whether the project lies in that {binding.scope.level} is not known"
    if binding.condition:
        unsure = unsure or "it holds under a condition"
    return binding.doubt or unsure


def _google_binding(
    people: People,
    binding: Binding,
    cluster: Cluster,
    doubt: str,
    number: int,
    budget: Budget,
) -> None:
    origin = binding.origin
    if not isinstance(origin, Origin):
        return
    address = f"{origin.here.address(origin.owner)}#{cluster.thing.name}"
    if origin.owner.type.endswith("_policy") or not binding.member:
        address = f"{address}[{number}]"
    name = origin.owner.address.removeprefix(f"{origin.owner.module}.")
    for actor in people.actors(binding.member, origin):
        sort = actor.thing.fact("sort")
        granted = Granted(
            address,
            name,
            binding.role,
            cluster.thing,
            origin.span,
            None,
            doubt or actor.doubt,
        )
        is_person = sort is not None and sort.value in ("user", "group", "everyone")
        holders = [(actor.thing, origin.at)]
        add_granted(people.estate, granted, holders, budget, people=is_person)


def _azure(
    index: TerraformIndex, clusters: list[Cluster], estate: Estate, budget: Budget
) -> None:
    grants = grants_of(index, estate)
    for cluster in clusters:
        place = place_of(cluster.here, cluster.resource)
        local = cluster.thing.fact("accounts.local")
        opened = local is not None and local.value is not False
        for number, grant in enumerate(grants[:_MAX_BINDINGS]):
            name = grant.role.name
            if name not in ROLES and not (opened and name in _LOCAL_ADMIN):
                continue
            if name in _LOCAL_ADMIN and not opened:
                continue
            _azure_grant(cluster, place, grant, number, estate, budget)
        _admin_groups(cluster, estate, budget)


def _azure_grant(
    cluster: Cluster,
    place: Scope,
    grant: Grant,
    number: int,
    estate: Estate,
    budget: Budget,
) -> None:
    spaces: tuple[str, ...] | None = None
    scope = grant.scope
    texts = [segment.text for segment in scope.segments]
    if "namespaces" in texts[-2:]:
        last = texts[-1]
        spaces = (last,) if last is not None else ()
        scope = scope._replace(segments=scope.segments[:-2])
    answer = covers(scope, place)
    if answer is False:
        return
    doubt = answer.why if isinstance(answer, Unknown) else ""
    if grant.unknown is not None:
        doubt = doubt or grant.unknown.why
    sort = grant.identity.fact("sort")
    granted = Granted(
        f"{grant.identity.address}#{grant.role.name}#{cluster.thing.name}#{number}",
        f"{grant.role.name} of {grant.identity.name}",
        grant.role.name if grant.role.name in ROLES else _LOCAL_ADMIN[2],
        cluster.thing,
        grant.span,
        spaces,
        doubt,
    )
    people = sort is None or sort.value != "managed-identity"
    holders = [(grant.identity, grant.span)]
    add_granted(estate, granted, holders, budget, people=people)


def _admin_groups(cluster: Cluster, estate: Estate, budget: Budget) -> None:
    """Members of the cluster's admin groups are cluster-admin."""
    here, resource = cluster.here, cluster.resource
    for value in values_at(resource.values, f"{_RBAC}.admin_group_object_ids"):
        span = span_of(value, resource)
        for named in principals(here, estate, value, resource):
            doubt = named.unknown.why if named.unknown is not None else ""
            granted = Granted(
                f"{cluster.thing.address}#admins#{named.identity.address}",
                f"the admin group {named.identity.name} of {cluster.thing.name}",
                "Azure Kubernetes Service RBAC Cluster Admin",
                cluster.thing,
                span,
                None,
                doubt,
            )
            add_granted(estate, granted, [(named.identity, span)], budget)


def _subjects(cluster: Cluster, estate: Estate, *, several: bool) -> None:
    """Users and groups of the cluster's bindings that a cloud's identity is."""
    groups = _takes_groups(cluster)
    for subject in list(estate.of("identity")):
        kind, _, name = subject.name.partition("/")
        if (
            kind not in ("User", "Group")
            or not name
            or (kind == "Group" and not groups)
        ):
            continue
        own = subject_address(subject.name, cluster.thing.address, several=several)
        if subject.address not in (own, subject.name):
            continue
        unsure = several and subject.address != own
        why = f"in which cluster {subject.name} is bound is not known" if unsure else ""
        for thing in _called(estate, kind, name):
            words = f"in {cluster.thing.name} it is {kind.lower()} {name}"
            estate.link(
                thing,
                "counts as",
                subject,
                subject.span,
                words,
                certain=not why,
                why=why,
            )


def _takes_groups(cluster: Cluster) -> bool:
    """Whether groups of the cloud are groups of the cluster."""
    if cluster.resource.type == AKS:
        return True
    config = given(cluster.resource.values, "authenticator_groups_config")
    return config is not None and config.data != ()


def _called(estate: Estate, kind: str, name: str) -> list[Thing]:
    """The cloud's identities of that e-mail or object id."""
    names = (f"{kind.lower()}:{name}", name)
    found = [t for one in names for t in estate.named(one, "identity")]
    subjects = ("User/", "Group/", "ServiceAccount/")
    return [t for t in dict.fromkeys(found) if not t.name.startswith(subjects)]
