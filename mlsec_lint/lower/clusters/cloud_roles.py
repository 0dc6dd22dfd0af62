"""Grants of a cloud that count as rights in a cluster: as bindings, with their rights.

An EKS access policy, a Google Cloud role and an Azure role each give what a role of
Kubernetes would (documentation of the clouds, 2026-11); the table says which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.lower.kubernetes.rbac import VERBS, first_of_each, rights_given
from mlsec_lint.lower.kubernetes.rbac.roles import Grant, built_in
from mlsec_lint.source import Note

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.estate import Estate
    from mlsec_lint.source import Span
    from mlsec_lint.value import Step

_READ = ("get", "list", "watch")
#: Reads everything, secrets included.
_READ_ALL = (Grant(("*",), ("*",), _READ),)
#: Writes and reads, but neither secrets nor accounts (AKS Writer reads secrets too).
_DEVELOPER = "edit"

#: Role of Kubernetes by cloud role; `read-all` is no role of Kubernetes.
ROLES: dict[str, str] = {
    "AmazonEKSClusterAdminPolicy": "cluster-admin",
    "AmazonEKSAdminPolicy": "admin",
    "AmazonEKSEditPolicy": "edit",
    "AmazonEKSAdminViewPolicy": "read-all",
    "AmazonEKSViewPolicy": "view",
    "roles/container.admin": "cluster-admin",
    "roles/container.developer": _DEVELOPER,
    "roles/owner": "cluster-admin",
    "roles/editor": "admin",
    "Azure Kubernetes Service RBAC Cluster Admin": "cluster-admin",
    "Azure Kubernetes Service RBAC Admin": "admin",
    "Azure Kubernetes Service RBAC Writer": "edit",
    "Azure Kubernetes Service RBAC Reader": "view",
    "Azure Kubernetes Service Cluster Admin Role": "cluster-admin",
    "Azure Kubernetes Service Contributor Role": "cluster-admin",
    "system:masters": "cluster-admin",
}
#: So many pairs of grants and namespaces are joined in one scan.
MAX_PAIRS = 50_000


class Budget:
    """How many pairs of grants and namespaces may still be joined."""

    def __init__(self, pairs: int = MAX_PAIRS) -> None:
        self.left = pairs
        self.told = False

    def take(self, estate: Estate, granted: Granted) -> bool:
        """Whether one more may be; the first time that it may not, a note says so."""
        self.left -= 1
        if self.left >= 0:
            return True
        if not self.told:
            self.told = True
            text = (
                "too many grants of clouds for too many namespaces: not all were joined"
            )
            span = granted.span
            estate.note([Note("bound", text, span.path, span, incomplete=True)])
        return False


class Granted(NamedTuple):
    """A grant of a cloud in one cluster.

    `namespaces` are those it is limited to, None for all; `doubt` is why it may not
    count, "" where it certainly does.
    """

    address: str
    name: str
    role: str
    cluster: Thing
    span: Span
    namespaces: tuple[str, ...] | None = None
    doubt: str = ""
    trail: tuple[Step, ...] = ()


def add_granted(
    estate: Estate,
    granted: Granted,
    holders: Iterable[tuple[Thing, Span]],
    budget: Budget,
    *,
    people: bool = True,
) -> Thing | None:
    """A binding for a grant, with its rights and the namespaces in which they count."""
    kind = ROLES.get(granted.role)
    if kind is None:
        return None
    grants = _READ_ALL if kind == "read-all" else built_in()[kind]
    grants = tuple(grant._replace(role=granted.role) for grant in grants)
    made = Thing(
        "binding",
        granted.address,
        granted.name,
        granted.span,
        granted.cluster.provider,
        granted.cluster.root,
        granted.cluster.library,
    )
    binding = estate.add(made)
    if binding is made:
        given = list(rights_given(grants, cluster=granted.namespaces is None))
        classes = tuple(dict.fromkeys(r.kind for r, _ in given if r.sensitive))
        words = ", ".join(dict.fromkeys(right.words for right, _ in given))
        binding.state("role", granted.role)
        binding.state("rights", classes, granted.span, trail=granted.trail)
        binding.state("rights.words", words)
        binding.state("subjects.people", people)
    for holder, span in holders:
        words = f"{granted.role} is given to it"
        why = granted.doubt
        estate.link(binding, "binds", holder, span, words, certain=not why, why=why)
    _cover(estate, binding, granted, grants, budget)
    return binding


def _cover(
    estate: Estate,
    binding: Thing,
    granted: Granted,
    grants: tuple[Grant, ...],
    budget: Budget,
) -> None:
    given = list(rights_given(grants, cluster=granted.namespaces is None))
    edges = estate.edges_to(granted.cluster, "runs on")
    spaces = [edge for edge in edges if edge.source.kind == "namespace"]
    for edge in spaces:
        if not budget.take(estate, granted):
            return
        space = edge.source
        name = space.name.removeprefix("namespace ")
        if granted.namespaces is not None and name not in granted.namespaces:
            continue
        why = granted.doubt or edge.why
        certain = edge.certain and not granted.doubt
        estate.link(binding, "covers", space, granted.span, certain=certain, why=why)
        for right, _ in first_of_each(given):
            words = f"{granted.role} lets {right.words}"
            estate.link(
                binding,
                VERBS[right.kind],
                space,
                granted.span,
                words,
                certain=certain,
                why=why,
            )
