"""Members of Google Cloud policies as identities of the estate.

Addresses: a declared service account its own; another one its e-mail; `user:MAIL`,
`group:MAIL`, `domain:NAME`, `service:NAME` for Google's own agents, `everyone`,
`ci:HOST` and `account:ID` for those whose tokens a pool takes; a member of a pool that
is granted something itself, and what cannot be told, the member's own text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.gcp.grants.pods import Actor, Pods, each, pod_member
from mlsec_lint.lower.gcp.grants.pools import Pools, Taken, shared
from mlsec_lint.lower.gcp.grants.principals import pod_of, principal_of
from mlsec_lint.lower.gcp.grants.says import put_once
from mlsec_lint.lower.gcp.grants.scopes import same_project
from mlsec_lint.lower.gcp.grants.texts import hole, project_name, shown, whole
from mlsec_lint.lower.gcp.identities import ACCOUNT
from mlsec_lint.lower.kubernetes.makers import Makers, Trusted, named
from mlsec_lint.lower.reading import given, is_somebody
from mlsec_lint.lower.terraform_index import symbol_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.gcp.grants.bindings import Origin
    from mlsec_lint.lower.gcp.grants.principals import Principal
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Symbol, Value


#: How the e-mail of Compute Engine's default account ends, behind the project's number.
_DEFAULT = "-compute@developer.gserviceaccount.com"
_PROJECTS = ("google_project", "data.google_project")


class People:
    """Finds, and where needed makes, the identities that members stand for."""

    def __init__(self, index: TerraformIndex, inputs: Inputs, estate: Estate) -> None:
        self.index = index
        self.estate = estate
        self.pods = Pods(index, inputs, estate)
        self.pools = Pools(index)
        self.makers = Makers(inputs, estate)
        self._known: dict[tuple[str, int], list[Actor]] = {}

    def actors(self, member: str, origin: Origin) -> list[Actor]:
        """Those whom a member means when it is granted a right on a resource."""
        key = (member, id(origin.here))
        if key not in self._known or not whole(member):
            self._known[key] = list(self._actors(member, origin))
        return self._known[key]

    def _actors(self, member: str, origin: Origin) -> Iterator[Actor]:
        principal = principal_of(member)
        if principal is None:
            return
        span = origin.at
        match principal.sort:
            case "service-account":
                yield self.account(principal, member, origin)
            case "pod":
                yield from self._pod(principal, span)
            case "pool":
                yield Actor(self._federated(principal, member, span))
            case "unknown":
                yield self._stranger(member, origin)
            case _:
                yield Actor(self._named(principal, member, span))

    def account(self, principal: Principal, member: str, origin: Origin) -> Actor:
        """A service account: declared, by reference or e-mail, or only named."""
        declared = self._declared(origin, member)
        if declared is not None:
            return Actor(declared)
        default = self._default(principal, origin)
        if default is not None:
            return Actor(default)
        project = principal.project if whole(principal.project) else ""
        address = self._apart(shown(principal.name), principal.name, origin)
        thing = self._add(address, "service-account", origin.at, {address, member})
        if project and "account" not in thing.facts:
            thing.state("account", project, origin.at)
        return Actor(thing)

    def _apart(self, address: str, text: str, origin: Origin) -> str:
        """An address of its own for a member of which not even a reference is known."""
        if "\0\0" not in text:
            return address
        return f"{address} of {origin.here.address(origin.owner)}"

    def _declared(self, origin: Origin, member: str) -> Thing | None:
        here, value = origin.here, origin.member
        for symbol in symbols_of(here, value) if value is not None else ():
            found = here.resolve(symbol)
            if found is not None and found.type == ACCOUNT and found.mode == "managed":
                return self.estate.find("identity", here.address(found))
        known = self.estate.named(member, "identity") if whole(member) else []
        near = [thing for thing in known if thing.root == here.root.path]
        return next(iter(near or known), None)

    def _default(self, principal: Principal, origin: Origin) -> Thing | None:
        """Compute Engine's default account, by a reference to its project's number."""
        number, found, _ = principal.name.partition(_DEFAULT)
        here = origin.here
        for kind in _PROJECTS if found else ():
            for project in here.of(kind):
                if project_name(number) == hole(project.address, here.prefix):
                    name = here.text_of(given(project.values, "project_id"))
                    fallback = here.text_of(given(project.provider.values, "project"))
                    name = fallback if name is None else name
                    where = f"projects/{name}" if isinstance(name, str) else None
                    where = where or f"{here.prefix}project"
                    address = f"{where}/default{_DEFAULT}"
                    return self._add(address, "service-account", origin.at)
        return None

    def _pod(self, principal: Principal, span: Span) -> Iterator[Actor]:
        pod = pod_of(principal.name)
        if pod is not None:
            project = project_name(pod.project)
            yield from self.pods.accounts(project, pod.space, pod.name, span)

    def _named(self, principal: Principal, member: str, span: Span) -> Thing:
        """A user, group, domain, agent of Google, everyone, or a project's holders."""
        match principal.sort:
            case "everyone":
                return self._add("everyone", "everyone", span)
            case "service":
                return self._add(f"service:{principal.name}", "service", span)
            case "user":
                return self._person(f"user:{shown(principal.name)}", "user", span)
            case "holders":
                return self._person(shown(member), "group", span, principal.project)
        address = f"{principal.sort}:{shown(principal.name)}"
        account = principal.name.rpartition("@")[2]
        return self._person(address, "group", span, account)

    def _person(self, address: str, sort: str, span: Span, account: str = "") -> Thing:
        account = account or address.rpartition("@")[2]
        thing = self._add(address, sort, span, {address, address.partition(":")[2]})
        if "person" not in thing.facts:
            thing.state("person", value=True, span=span)
            if whole(account):
                thing.state("account", account, span)
        return thing

    def _stranger(self, member: str, origin: Origin) -> Actor:
        """Somebody of whom nothing is known, or only by what reference."""
        address = self._apart(shown(member) or "unknown", member, origin)
        thing = self._add(address, "unknown", origin.at)
        text = None
        if origin.member is not None:
            text = origin.here.text_of(origin.member)
        certain = isinstance(text, Unknown) and is_somebody(text)
        return Actor(thing, "" if certain else "who that is is not known")

    def _federated(self, principal: Principal, member: str, span: Span) -> Thing:
        """A member of a pool that is granted a right itself: those behind it become it."""
        address = shown(member)
        known = self.estate.find("identity", address)
        if known is not None:
            return known
        thing = self._add(address, "role", span)
        if whole(principal.project):
            thing.state("account", principal.project, span)
        self.trust(principal, thing, span)
        return thing

    def trust(
        self, principal: Principal, target: Thing, span: Span, doubt: str = ""
    ) -> None:
        """Link those who have tokens that a pool takes to the identity they become."""
        pods = pod_member(principal.name, principal.rest)
        words = f"{shown(principal.name)}/{shown(principal.rest)} may act as it"
        if pods is not None:
            scope = pods.scope
            if pods.space and pods.name:
                scope = self.pods.scope(pods.project, pods.space, pods.name)
                self.to_come(pods.project, pods.space, pods.name, target, span, doubt)
            put_once(target, "trust.workload.scope", scope, span)
            actors = self.pods.accounts(pods.project, pods.space, pods.name, span)
            for actor in each(actors, doubt):
                self.link(actor, "becomes", target, span, words)
            return
        for taken in self.pools.taken(principal.name, principal.rest):
            unsure = "; ".join(d for d in (doubt, taken.doubt) if d)
            actor = Actor(self._outsider(taken, principal, span), unsure)
            self.link(actor, "becomes", target, span, words)
            if taken.host and not taken.cluster:
                why = "which tokens the pool's provider takes is not known"
                width = taken.width or Unknown("resource", why, span=span)
                put_once(target, "trust.ci.scope", width, span)
                self._bound(taken, target, span)

    def to_come(
        self,
        project: str,
        space: str,
        name: str,
        target: Thing,
        span: Span,
        doubt: str = "",
    ) -> None:
        """Link accounts that somebody may make, in a cluster of the pool, to `target`."""
        clusters = self.pods.clusters(project)
        if clusters:
            by_name = named(space, name)
            self.makers.link(Trusted(target, by_name, clusters, span, doubt))

    def _bound(self, taken: Taken, target: Thing, span: Span) -> None:
        """Whether a provider for a platform that many share asks for more than a token."""
        if shared(taken.host):
            why = "the condition of the pool's provider is not known"
            bound = Unknown("resource", why, span=span)
            value = bound if taken.bound is None else taken.bound
            put_once(target, "trust.bound", value, taken.span or span)

    def _outsider(self, taken: Taken, principal: Principal, span: Span) -> Thing:
        if taken.cluster:
            return self._add(f"cluster:{taken.host}", "kubernetes-account", span)
        if taken.host:
            thing = self._add(f"ci:{taken.host}", "ci", span)
            if "issuer" not in thing.facts:
                thing.state("issuer", taken.host, span)
            return thing
        if taken.account:
            return self._add(f"account:{shown(taken.account)}", "account", span)
        address = f"workloadIdentityPools/{shown(principal.name)}"
        return self._add(address, "unknown", span)

    def link(
        self, actor: Actor, verb: str, target: Thing, span: Span, words: str
    ) -> None:
        """An edge from an actor, certain unless something is in doubt."""
        if actor.thing is not target:
            certain = not actor.doubt
            self.estate.link(
                actor.thing, verb, target, span, words, certain=certain, why=actor.doubt
            )

    def _add(
        self, address: str, sort: str, span: Span, names: set[str] | None = None
    ) -> Thing:
        made = Thing(
            "identity", address, address, span, "gcp", names=names or {address}
        )
        thing = self.estate.add(made)
        if "sort" not in thing.facts:
            thing.state("sort", sort, span)
        return thing


def declared_account(here: RootIndex, value: Value) -> Resource | None:
    """The service account that a value refers to or names, in its own root."""
    for symbol in symbols_of(here, value):
        found = here.resolve(symbol)
        if found is not None and found.type == ACCOUNT and found.mode == "managed":
            return found
    found_all = here.parents(value, (ACCOUNT,))
    return found_all[0] if len(found_all) == 1 else None


def symbols_of(here: RootIndex, value: Value) -> list[Symbol]:
    """Every reference in a value and its template, as written and as followed."""
    own = symbol_of(value)
    found = [own] if own is not None else []
    unknown = value.unknown
    followed = here.text_of(value)
    told = (unknown, followed if isinstance(followed, Unknown) else None)
    parts = [p for one in told if one is not None for p in (one, *one.parts)]
    inner = (part.symbol for part in parts if not isinstance(part, str))
    return found + [symbol for symbol in inner if symbol is not None]


def outside(account: str, project: str) -> bool:
    """Whether an identity's project is certainly another one."""
    return bool(account) and same_project(account, project) is False
