"""Who may act as a service account, and who may start work that runs as it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.gcp.grants.bindings import SUFFIXES, Origin, of_resource
from mlsec_lint.lower.gcp.grants.cel import Asked
from mlsec_lint.lower.gcp.grants.constraints import NO_KEYS
from mlsec_lint.lower.gcp.grants.evaluate import Scope, Target
from mlsec_lint.lower.gcp.grants.kinds import ACT_AS, BECOME, KEYS, RUN
from mlsec_lint.lower.gcp.grants.partners import lab_of, say_foreign
from mlsec_lint.lower.gcp.grants.pods import each
from mlsec_lint.lower.gcp.grants.principals import pod_of, principal_of
from mlsec_lint.lower.gcp.grants.says import say_launches
from mlsec_lint.lower.gcp.grants.scopes import project_of
from mlsec_lint.lower.gcp.grants.stores import words_of
from mlsec_lint.lower.gcp.grants.texts import project_name, same, shown, told
from mlsec_lint.lower.gcp.identities import ACCOUNT
from mlsec_lint.lower.reading import given
from mlsec_lint.source import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.gcp.grants.evaluate import Binding, Holder
    from mlsec_lint.lower.gcp.grants.people import People
    from mlsec_lint.lower.gcp.grants.rights import Rights
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_TYPE = "iam.googleapis.com/ServiceAccount"
_STEM, _ATTRIBUTE = "google_service_account_iam", "service_account_id"
_LINKS = 20_000
_RIGHTS = ("may read", "may write", "may open", "becomes")


class Becoming:
    """Follows rights backwards: from accounts that reach weights to who acts as them."""

    def __init__(self, index: TerraformIndex, people: People, rights: Rights) -> None:
        self.people = people
        self.rights = rights
        self.index = index
        self._declared: dict[str, tuple[RootIndex, Resource]] = {
            here.address(account): (here, account)
            for here in index.roots
            for account in here.of(ACCOUNT)
        }
        self._named = self._by_email()
        self.lab = lab_of(index, people.estate)
        self._done: set[int] = set()
        self._stores: dict[tuple[int, bool], frozenset[int]] = {}
        self._count = 0

    def _by_email(self) -> dict[str, list[tuple[RootIndex, Resource, str]]]:
        """IAM resources of accounts that no root declares, by the account's e-mail."""
        found: dict[str, list[tuple[RootIndex, Resource, str]]] = {}
        for here in self.index.roots:
            for suffix in SUFFIXES:
                for owner in here.of(f"{_STEM}_{suffix}"):
                    text = told(here, given(owner.values, _ATTRIBUTE))
                    email = shown(text.rpartition("/")[2])
                    found.setdefault(email, []).append((here, owner, suffix))
        return found

    def follow(self, estate: Estate) -> None:
        """Every account that reaches weights, those that may become it, and so on."""
        waiting = [t for t in estate.of("identity") if _reaches(estate, t)]
        for thing in waiting:  # grows while it is walked
            if id(thing) in self._done or self._count >= _LINKS:
                continue
            self._done.add(id(thing))
            if self._is_account(thing):
                waiting += self._account(thing)
        if self._count >= _LINKS and waiting:
            span = waiting[0].span
            text = f"more than {_LINKS} rights on accounts: not all are told"
            estate.note([Note("bound", text, span.path, span, incomplete=True)])

    def _is_account(self, thing: Thing) -> bool:
        sort = thing.fact("sort")
        named = sort is not None and sort.value == "service-account"
        return named or thing.address in self._declared or thing.address in self._named

    def _account(self, thing: Thing) -> list[Thing]:
        """Link all who may act as one account; those found, to go on with."""
        own, above, home = self._bindings(thing)
        target = Target(Asked(_TYPE, f"\0{thing.address}.name\0"), thing.address, above)
        keys = self.rights.constraints.holds(NO_KEYS, above) is not True
        become = (*BECOME, *KEYS) if keys else BECOME
        found: list[Thing] = []
        for holder in self.rights.holders(become, target, own, home):
            found += self._becomes(holder, thing)
        runners = self._runners(target, home)
        for holder in self.rights.holders(ACT_AS, target, own, home):
            found += self._launches(holder, thing, runners)
        return found

    def _bindings(
        self, thing: Thing
    ) -> tuple[list[Binding], tuple[Scope, ...], RootIndex | None]:
        """Bindings on an account itself, what it lies in, and the root it belongs to."""
        scope = Scope("resource", thing.address)
        declared = self._declared.get(thing.address)
        if declared is not None:
            here, account = declared
            found = self.rights.on(here, account, _STEM, _ATTRIBUTE, scope)
            above = self.rights.places.above(here, account)
            self._belongs(thing, project_of(here, account))
            return [binding for _, binding in found], above, here
        own = [
            binding
            for here, owner, suffix in self._named.get(thing.address, ())
            for binding in of_resource(here, owner, suffix, scope)
        ]
        project = thing.fact("account")
        if project is None or not isinstance(project.value, str):
            return own, (), None
        home = self.index.roots[0]
        above = self.rights.places.of_project(home, project_name(project.value))
        return own, above, home

    def _belongs(self, thing: Thing, project: str) -> None:
        if "sort" not in thing.facts:
            thing.state("sort", "service-account")
        if project and "\0" not in project and "account" not in thing.facts:
            thing.state("account", project)

    def _becomes(self, holder: Holder, thing: Thing) -> Iterator[Thing]:
        origin = _origin(holder)
        if origin is None:
            return
        words = words_of(holder)
        principal = principal_of(holder.member)
        if principal is not None and principal.sort == "pool":
            self.people.trust(principal, thing, origin.at, holder.doubt)
            return
        if principal is not None and principal.sort == "pod":
            pod = pod_of(principal.name)
            if pod is not None:
                project = project_name(pod.project)
                scope = self.people.pods.scope(project, pod.space, pod.name)
                thing.also("trust.workload.scope", scope, origin.at)
                self.people.to_come(
                    project, pod.space, pod.name, thing, origin.at, holder.doubt
                )
        for actor in each(self.people.actors(holder.member, origin), holder.doubt):
            self._count += 1
            self.people.link(actor, "becomes", thing, origin.at, words)
            own = thing.fact("account")
            if own is not None and isinstance(own.value, str):
                say_foreign(actor, thing, own.value, self.lab, origin.at)
            yield actor.thing

    def _reads_as_much(self, actor: Thing, target: Thing) -> bool:
        """Whether one reads every store that the other does: it gains nothing."""
        theirs = self._read(target, certain=False)
        mine = self._read(actor, certain=True)
        return actor is target or (bool(theirs) and theirs <= mine)

    def _read(self, thing: Thing, *, certain: bool) -> frozenset[int]:
        """The stores that an identity may read, or reads for certain."""
        key = (id(thing), certain)
        if key not in self._stores:
            edges = self.people.estate.edges_from(thing, "may read")
            found = (id(e.target) for e in edges if e.certain or not certain)
            self._stores[key] = frozenset(found)
        return self._stores[key]

    def _runners(self, target: Target, home: RootIndex | None) -> list[Holder]:
        """Who may start work in the account's project."""
        project = target._replace(resource="")
        return list(self.rights.holders(RUN, project, (), home))

    def _launches(
        self, holder: Holder, thing: Thing, runners: list[Holder]
    ) -> Iterator[Thing]:
        origin = _origin(holder)
        if origin is None:
            return
        doubt = holder.doubt
        starts = [r for r in runners if same(r.member, holder.member)]
        if not any(not r.doubt for r in starts):
            why = "whether it may start work in that project is not known"
            doubt = "; ".join(d for d in (doubt, why) if d)
        words = words_of(holder)
        for actor in each(self.people.actors(holder.member, origin), doubt):
            self._count += 1
            self.people.link(actor, "may launch as", thing, origin.span, words)
            if not self._reads_as_much(actor.thing, thing):
                say_launches(actor, thing, origin.span)
            yield actor.thing


def _reaches(estate: Estate, thing: Thing) -> bool:
    return any(
        edge.verb in _RIGHTS
        for edge in estate.edges_from(thing)
        if edge.target.kind == "store"
    )


def _origin(holder: Holder) -> Origin | None:
    """Where the grant stands; None for what a project's holders have by default."""
    binding = holder.through or holder.binding
    origin = binding.origin
    return origin if isinstance(origin, Origin) else None
