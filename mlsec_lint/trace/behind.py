"""What stands behind an identity: who or what acts when it acts."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from mlsec_lint.estate.tables import document

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing

#: What can stand behind an identity, the worst for a secret first.
RANKS = ("everyone", "unknown", "account", "ci", "person", "service", "workload")
NOBODY = "nobody"
#: Users and groups of Kubernetes that are anybody who reaches the API server.
_EVERYONE = ("system:authenticated", "system:unauthenticated", "system:anonymous")
_BY_SORT = {
    "everyone": "everyone",
    "account": "account",
    "service": "service",
    "ci": "ci",
    "user": "person",
    "group": "person",
    "unknown": "unknown",
}
#: How addresses of identities begin that no lowering states a sort of.
_BY_ADDRESS = (
    ("ServiceAccount/", "kubernetes-account"),
    ("User/", "kubernetes-subject"),
    ("Group/", "kubernetes-subject"),
    ("account:", "account"),
    ("service:", "service"),
    ("ci:", "ci"),
)


def sort_of(identity: Thing) -> str:
    """The sort of an identity as stated, else as its address and provider tell."""
    if identity.kind == "workload":
        return "workload"
    fact = identity.fact("sort")
    if fact is not None and isinstance(fact.value, str):
        return fact.value
    name = identity.name
    for start, sort in _BY_ADDRESS:
        if name.startswith(start):
            return sort
    if "kubernetes_service_account" in identity.address:
        return "kubernetes-account"
    by_provider = {
        "aws": "role",
        "gcp": "service-account",
        "azure": "managed-identity",
    }
    return by_provider.get(identity.provider, "unknown")


def is_component(name: str) -> bool:
    """Whether a Kubernetes user or group is a part of Kubernetes itself."""
    bare = name.rpartition("/")[2]
    parts = document("k8s_rights.json")["components"]
    return any(bare == part or bare.startswith(f"{part}:") for part in parts)


class Behind:
    """What stands behind each identity of an estate, found for all of them at once."""

    def __init__(self, estate: Estate) -> None:
        self._found: dict[int, str] = {}
        by_rank: dict[str, list[Thing]] = {}
        for identity in estate.of("identity"):
            own = _own(estate, identity)
            if own:
                by_rank.setdefault(own, []).append(identity)
        for rank in RANKS:
            self._spread(estate, rank, by_rank.get(rank, []))

    def _spread(self, estate: Estate, rank: str, things: list[Thing]) -> None:
        """What stands behind one that acts as another stands behind that one too."""
        own = {id(thing) for thing in things}
        queue = deque(things)
        while queue:
            here = queue.popleft()
            if id(here) in self._found:
                continue
            self._found[id(here)] = rank
            for edge in estate.edges_from(here):
                far = edge.target
                if edge.verb in ("becomes", "counts as") and id(far) not in own:
                    if not _own(estate, far):
                        queue.append(far)

    def of(self, identity: Thing) -> str:
        """One of RANKS, or "nobody" where nothing in the scan uses it."""
        if identity.kind == "workload":
            return "workload"
        found = self._found.get(id(identity))
        if found is not None:
            return found
        return _BY_SORT.get(sort_of(identity), NOBODY)


def _subject(name: str) -> str:
    """What a user or group of Kubernetes is, by its name."""
    bare = name.rpartition("/")[2]
    if bare in _EVERYONE:
        return "everyone"
    if bare.startswith("system:serviceaccount"):
        return "workload"
    return "service" if is_component(name) else "person"


def _own(estate: Estate, identity: Thing) -> str:
    """What an identity is by itself, "" where only others act as it."""
    sort = sort_of(identity)
    if sort == "kubernetes-subject":
        known = any(e.certain for e in estate.edges_to(identity, "counts as"))
        return "" if known else _subject(identity.name)
    if sort in _BY_SORT:
        return _BY_SORT[sort]
    person = identity.fact("person")
    if person is not None and person.value is True:
        return "person"
    return "workload" if estate.edges_to(identity, "runs as") else ""
