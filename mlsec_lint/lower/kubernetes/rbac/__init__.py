"""Who may enter, run, read secrets or become others, in which namespaces.

Adds to the bindings that `lower_kubernetes` made: their subjects, the rights of their
roles, and edges to the namespaces in which these count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.estate.tables import document
from mlsec_lint.lower.in_terraform.clusters import CLUSTERS
from mlsec_lint.lower.kubernetes.network.pods import runs_elsewhere
from mlsec_lint.lower.kubernetes.network.rules import elements
from mlsec_lint.lower.kubernetes.network.scope import (
    Clusters,
    Scope,
    is_open,
    scope_of,
)
from mlsec_lint.lower.kubernetes.rbac.roles import (
    Grant,
    Right,
    Roles,
    gives,
    known_rights,
)
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.lower.terraform_index import index_of
from mlsec_lint.source import Note
from mlsec_lint.value import Step, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.source import Span

#: How many pairs of bindings and namespaces are looked at.
MAX_PAIRS = 50_000
MAX_STEPS = 12

#: The verb of the edge from a binding to a namespace, by class of right.
VERBS = {
    "secrets": "lets read secrets of",
    "run": "lets run in",
    "enter": "lets enter",
    "become": "lets become accounts of",
}
_BINDINGS = ("RoleBinding", "ClusterRoleBinding")


def lower_rbac(inputs: Inputs, estate: Estate) -> None:
    """State subjects and rights of every binding, and where the rights count."""
    objects = inputs.objects
    if objects is None:
        return
    clusters = Clusters(inputs.manifests)
    spaces = _namespaces(estate, objects)
    things = {
        (thing.span.source.path, thing.span.start, thing.root, thing.name): thing
        for thing in estate.of("binding")
    }
    roles = Roles(objects)
    where = _Where(spaces, clusters)
    several = several_clusters(inputs)
    known: dict[tuple[tuple[Grant, ...], bool], list[tuple[Right, Grant]]] = {}
    for kind in _BINDINGS:
        for manifest in objects.of(kind):
            binding = things.get(_key(manifest))
            if binding is not None:
                _subjects(estate, binding, manifest, several=several)
                _rights(estate, binding, manifest, roles, where, known)
    if where.pairs > MAX_PAIRS:
        span = next(iter(things.values())).span
        text = "too many bindings for too many namespaces: not all were joined"
        estate.note([Note("bound", text, span.path, span, incomplete=True)])


def several_clusters(inputs: Inputs) -> bool:
    """Whether the scan declares more than one cluster (variants of one are one)."""
    found = {
        (resource.address, resource.span.source.path)
        for here in index_of(inputs).roots
        for resource in here.of(*CLUSTERS)
    }
    return len(found) > 1


def _key(manifest: Manifest) -> tuple[str, int, str, str]:
    namespace = manifest.namespace or "default"
    name = f"{manifest.kind}/{namespace}/{manifest.name}"
    if manifest.kind == "ClusterRoleBinding":
        name = f"{manifest.kind}/{manifest.name}"
    return (manifest.span.source.path, manifest.span.start, manifest.root, name)


def _namespaces(estate: Estate, objects: Objects) -> dict[Scope, Thing]:
    """A thing for each namespace that something runs in, with what lies in it."""
    found: dict[Scope, Thing] = {}
    declared = {(m.root, m.name, m.cluster): m for m in objects.of("Namespace")}
    for pod in objects.pods:
        if runs_elsewhere(pod.manifest):
            continue
        scope = scope_of(pod.manifest)
        space = _namespace(estate, found, scope, declared, pod.workload.span)
        estate.link(space, "contains", pod.workload, pod.workload.span)
        for edge in estate.edges_from(pod.workload, "runs as"):
            estate.link(
                space,
                "contains",
                edge.target,
                edge.span,
                certain=edge.certain,
                why=edge.why,
            )
    accounts = {
        (thing.span.source.path, thing.span.start, thing.root): thing
        for thing in estate.of("identity")
        if thing.name.startswith("ServiceAccount/")
    }
    for manifest in objects.of("ServiceAccount"):
        key = (manifest.span.source.path, manifest.span.start, manifest.root)
        account = accounts.get(key)
        if account is not None:
            scope = scope_of(manifest)
            space = _namespace(estate, found, scope, declared, manifest.span)
            estate.link(space, "contains", account, manifest.span)
    return found


def _namespace(
    estate: Estate,
    found: dict[Scope, Thing],
    scope: Scope,
    declared: dict[tuple[str, str, str], Manifest],
    span: Span,
) -> Thing:
    thing = found.get(scope)
    if thing is not None:
        return thing
    name = scope.namespace or "default"
    manifest = declared.get((scope.root, name, scope.cluster))
    address = f"Namespace/{name}"
    if estate.find("namespace", address) is not None:
        where = scope.cluster or scope.root or scope.folder or "."
        address = estate.free("namespace", f"{where}:{address}")
    made = Thing(
        "namespace",
        address,
        f"namespace {name}",
        manifest.span if manifest is not None else span,
        provider="kubernetes",
        root=scope.root,
    )
    found[scope] = estate.add(made)
    return found[scope]


class _Where:
    """The namespaces that a binding counts in."""

    def __init__(self, spaces: dict[Scope, Thing], clusters: Clusters) -> None:
        self.clusters = clusters
        self.pairs = 0
        self.every = spaces
        self.named: dict[str, list[Scope]] = {}
        for scope in spaces:
            self.named.setdefault(scope.namespace, []).append(scope)
        self.open = [name for name in self.named if is_open(name)]
        self._met: dict[tuple[Scope, bool], list[tuple[Thing, Unknown | None]]] = {}

    def of(self, manifest: Manifest) -> list[tuple[Thing, Unknown | None]]:
        """Each namespace, with the reason where it is not certain."""
        scope = scope_of(manifest)
        cluster = manifest.kind == "ClusterRoleBinding"
        listed = list(self.every) if cluster else self._near(scope)
        self.pairs += len(listed)
        if self.pairs > MAX_PAIRS:
            return []
        known = self._met.get((scope, cluster))
        if known is None:  # the bindings of a root have few scopes
            known = [
                (self.every[other], truth if isinstance(truth, Unknown) else None)
                for other in listed
                if (truth := self.clusters.meet(scope, other, cluster=cluster))
                is not False
            ]
            self._met[scope, cluster] = known
        return known

    def _near(self, scope: Scope) -> list[Scope]:
        if is_open(scope.namespace):
            return list(self.every)
        names = dict.fromkeys((scope.namespace, "", "default", *self.open))
        return [one for name in names for one in self.named.get(name, ())]


def _subjects(
    estate: Estate, binding: Thing, manifest: Manifest, *, several: bool
) -> None:
    """Kinds of subjects, whether people are among them, and who they are."""
    listed = given(manifest.value, "subjects")
    whole = listed.unknown if listed is not None else None
    span = (listed.entry() if listed is not None else None) or binding.span
    if whole is not None:
        binding.state("subjects.people", whole, span)
        return
    kinds: list[str] = []
    people: bool | Unknown = False
    for subject in elements(listed):
        kind, name = text_of(given(subject, "kind")), given(subject, "name")
        if subject.unknown is not None or not kind:
            people = (
                people if people is True or subject.unknown is None else subject.unknown
            )
            continue
        kinds.append(kind)
        if kind not in ("User", "Group"):
            continue
        if name is None or not _is_component(text_of(name)):
            people = True
        if name is not None and settled(name).unknown is None:
            called = f"{kind}/{text_of(name)}"
            address = subject_address(called, manifest.cluster, several=several)
            where = name.entry() or span
            who = lower_subject(estate, address, called, where)
            estate.link(binding, "binds", who, where)
    binding.state("subjects.kind", tuple(dict.fromkeys(kinds)), span)
    binding.state("subjects.people", people, span)


def _is_component(name: str) -> bool:
    """Whether a user or group is a part of Kubernetes itself."""
    parts = document("k8s_rights.json")["components"]
    return any(name == part or name.startswith(f"{part}:") for part in parts)


def subject_address(name: str, cluster: str, *, several: bool) -> str:
    """The address of a user or group: with its cluster where there are several."""
    return f"{cluster}:{name}" if cluster and several else name


def lower_subject(estate: Estate, address: str, name: str, span: Span) -> Thing:
    """A user or group of Kubernetes (`User/NAME`, `Group/NAME`) as an identity.

    Who is behind it the cluster's cloud or login says; a name with an @ is a person's
    or a group of people's.
    """
    made = Thing("identity", address, name, span, "kubernetes", names={name})
    thing = estate.add(made)
    if "sort" not in thing.facts:
        thing.state("sort", "kubernetes-subject")
        if "@" in name:
            thing.state("person", value=True)
    return thing


def _harmless(grant: Grant) -> bool:
    """Whether a rule only reads what is made to be read by all who sign in.

    That is objects of single names (a public ConfigMap), or kinds of one API group that
    is not Kubernetes' own: custom objects such as training runtimes.
    """
    reads = set(grant.verbs) <= {"get", "list", "watch"}
    named = bool(grant.names) and "secrets" not in grant.resources
    custom = all("." in g and not g.endswith("k8s.io") for g in grant.groups)
    return reads and "*" not in grant.resources and (named or custom)


def _rights(
    estate: Estate,
    binding: Thing,
    manifest: Manifest,
    roles: Roles,
    where: _Where,
    known: dict[tuple[tuple[Grant, ...], bool], list[tuple[Right, Grant]]],
) -> None:
    """The rights that lead to weights, as facts and as edges to namespaces.

    `known` keeps what rules give, for all bindings of a scan.
    """
    reference = given(manifest.value, "roleRef")
    name, kind = given(reference, "name"), text_of(given(reference, "kind"))
    unknown = settled(name).unknown if name is not None else None
    if name is None or unknown is not None:
        if unknown is not None:
            binding.state("rights", unknown, binding.span)
        return
    found = roles.of(kind or "ClusterRole", text_of(name), manifest)
    cluster = manifest.kind == "ClusterRoleBinding"
    asked = (found.grants, cluster)
    given_rights = known.get(asked)  # overlays of one base bind the same rules
    if given_rights is None:
        given_rights = known[asked] = list(rights_given(found.grants, cluster=cluster))
    sensitive = [pair for pair in given_rights if pair[0].sensitive]
    steps = tuple(_steps(sensitive))[:MAX_STEPS]
    classes = tuple(dict.fromkeys(right.kind for right, _ in sensitive))
    words = tuple(dict.fromkeys(right.words for right, _ in given_rights))
    if classes or found.unknown is None:
        binding.state("rights", classes, binding.span, trail=steps)
    else:
        binding.state("rights", found.unknown, binding.span)
    binding.state("rights.words", ", ".join(words), binding.span)
    if found.grants and found.unknown is None and all(map(_harmless, found.grants)):
        binding.many.pop("public.principal", None)
        binding.state("public.principal", False)  # noqa: FBT003
    ways = list(first_of_each(given_rights))
    for space, doubt in where.of(manifest):
        why = doubt.why if doubt is not None else ""
        certain = doubt is None
        span = name.entry() or binding.span
        estate.link(binding, "covers", space, span, certain=certain, why=why)
        for right, grant in ways:
            estate.link(
                binding,
                VERBS[right.kind],
                space,
                grant.span or span,
                f"{grant.role} lets {right.words}",
                certain=certain,
                why=why,
            )


def rights_given(
    grants: tuple[Grant, ...], *, cluster: bool
) -> Iterator[tuple[Right, Grant]]:
    """The rights that lead to weights of those that the rules of a role give."""
    for right in known_rights():
        if right.cluster and not cluster:
            continue
        grant = next((g for g in grants if gives(g, right)), None)
        if grant is not None:
            yield right, grant


def first_of_each(pairs: list[tuple[Right, Grant]]) -> Iterator[tuple[Right, Grant]]:
    """The first sensitive right of each class that has an edge."""
    seen: set[str] = set()
    for right, grant in pairs:
        if right.sensitive and right.kind in VERBS and right.kind not in seen:
            seen.add(right.kind)
            yield right, grant


def _steps(pairs: list[tuple[Right, Grant]]) -> Iterator[Step]:
    """The rules of the role that give the rights, each line once."""
    lines: dict[Span, list[str]] = {}
    roles: dict[Span, str] = {}
    for right, grant in pairs:
        if grant.span is not None:
            lines.setdefault(grant.span, []).append(right.words)
            roles[grant.span] = grant.role
    for span, words in lines.items():
        yield Step(span, f"{roles[span]} lets {', '.join(dict.fromkeys(words))}")
