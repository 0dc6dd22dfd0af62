"""Edges from identities to the weight stores of Google Cloud: read, write, open."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.lower.gcp.grants.bindings import (
    SUFFIXES,
    Origin,
    default_bindings,
    of_resource,
)
from mlsec_lint.lower.gcp.grants.cel import Asked
from mlsec_lint.lower.gcp.grants.constraints import DOMAINS, PREVENTION
from mlsec_lint.lower.gcp.grants.evaluate import Scope, Target
from mlsec_lint.lower.gcp.grants.kinds import BUCKET, KINDS, POLICY_SETTERS, Kind
from mlsec_lint.lower.gcp.grants.partners import lab_of, say_foreign
from mlsec_lint.lower.gcp.grants.pods import each
from mlsec_lint.lower.gcp.grants.says import put_once, say_reading
from mlsec_lint.lower.gcp.grants.scopes import project_of
from mlsec_lint.lower.gcp.grants.texts import canonical, same, shown, told
from mlsec_lint.lower.reading import given
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.gcp.grants.evaluate import Binding, Holder
    from mlsec_lint.lower.gcp.grants.people import People
    from mlsec_lint.lower.gcp.grants.pods import Actor
    from mlsec_lint.lower.gcp.grants.rights import Rights
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource

_ANY = "any-store:gcp"
_LINKS = 30_000


class Placed(NamedTuple):
    """A weight store, its sort, and what grants on it count for."""

    thing: Thing
    kind: Kind
    name: str
    above: tuple[Scope, ...]
    own: tuple[Binding, ...]
    home: RootIndex | None

    def target(self, sort: str = "", *, below: bool = True) -> Target:
        """What is asked about its objects, or about itself (`below` False)."""
        asked = Asked(sort or self.kind.type, self.name, below)
        return Target(asked, self.thing.address, self.above)


def weight_stores(
    index: TerraformIndex, estate: Estate, rights: Rights
) -> Iterator[Placed]:
    """Every store of Google Cloud that holds, or may hold, weights."""
    declared: dict[str, tuple[RootIndex, Resource, Kind]] = {}
    for here in index.roots:
        for kind in KINDS:
            for resource in here.of(*kind.types):
                declared[here.address(resource)] = (here, resource, kind)
    for store in estate.of("store"):
        if not _may_hold(store):
            continue
        if store.address in declared:
            yield _declared(rights, store, *declared[store.address])
        elif store.address.startswith("gs://"):
            yield _undeclared(index, store)


def _may_hold(store: Thing) -> bool:
    held = store.fact("weights.held")
    return held is not None and (
        held.value is not False or "weights.held" in store.many
    )


def _declared(
    rights: Rights, store: Thing, here: RootIndex, resource: Resource, kind: Kind
) -> Placed:
    scope = Scope("resource", store.address)
    found = [
        one
        for stem, attribute in kind.stems
        for one in rights.on(here, resource, stem, attribute, scope)
    ]
    own = [binding for _, binding in found]
    if kind is BUCKET and resource.type == "google_storage_bucket":
        origin = Origin(here, resource, None, resource.span, resource.span)
        stated = [
            (suffix, binding.role)
            for suffix, binding in found
            if suffix and not binding.doubt
        ]
        own += default_bindings(project_of(here, resource), scope, stated, origin)
    above = rights.places.above(here, resource)
    return Placed(store, kind, _name(here, resource, kind), above, tuple(own), here)


def _name(here: RootIndex, resource: Resource, kind: Kind) -> str:
    """The name of what is read, as conditions know it."""
    if kind is BUCKET:
        name = canonical(here.attribute(resource, "name"), here.prefix)
        return f"projects/_/buckets/{name}/objects/"
    return f"\0{resource.address}.name\0"


def _undeclared(index: TerraformIndex, store: Thing) -> Placed:
    """A bucket that only a URI names: grants that name it, project unknown."""
    bucket = store.address.removeprefix("gs://")
    scope = Scope("resource", store.address)
    own: list[Binding] = []
    for here in index.roots:
        for stem, attribute in BUCKET.stems:
            for suffix in SUFFIXES:
                for owner in here.of(f"{stem}_{suffix}"):
                    text = told(here, given(owner.values, attribute))
                    if same(text.removeprefix("b/"), bucket):
                        own += of_resource(here, owner, suffix, scope)
    name = f"projects/_/buckets/{bucket}/objects/"
    single = len(index.roots) == 1 and "$" not in bucket
    home = index.roots[0] if single else None
    return Placed(store, BUCKET, name, (), tuple(own), home)


class Linker:
    """Makes the edges of stores, and states what they say of the identities."""

    def __init__(self, people: People, rights: Rights) -> None:
        self.people = people
        self.rights = rights
        self.estate = people.estate
        self.lab = lab_of(rights.index, people.estate)
        self._count = 0

    def store(self, placed: Placed) -> None:
        """Who may read, write and open one store."""
        kind = placed.kind
        target = placed.target()
        self._verb("may read", kind.read, target, placed)
        self._verb("may write", kind.write, target, placed)
        whole = placed.target(kind.held, below=False)
        if kind is BUCKET:
            name = placed.name.removesuffix("/objects/")
            whole = whole._replace(asked=whole.asked._replace(name=name))
        self._verb("may open", (*kind.open, *POLICY_SETTERS), whole, placed)
        uniform = placed.thing.fact("auth.identity_only")
        if kind is BUCKET and (uniform is None or uniform.value is not True):
            self._verb("may open", ("storage.objects.setIamPolicy",), target, placed)

    def _verb(
        self, verb: str, permissions: tuple[str, ...], target: Target, placed: Placed
    ) -> None:
        for holder in self.rights.holders(permissions, target, placed.own, placed.home):
            for actor, origin in self._actors(holder, placed):
                if self._count >= _LINKS:
                    self._full(origin.span)
                    return
                self._count += 1
                words = words_of(holder)
                self.people.link(actor, verb, placed.thing, origin.span, words)
                if verb != "may write":
                    self._say(actor, holder, placed, origin)

    def _say(
        self, actor: Actor, holder: Holder, placed: Placed, origin: Origin
    ) -> None:
        say_reading(actor, holder, origin.span)
        project = next((s.name for s in placed.above if s.level == "project"), "")
        say_foreign(actor, actor.thing, project, self.lab, origin.span)

    def _full(self, span: Span) -> None:
        if self._count == _LINKS:
            self._count += 1
            text = f"more than {_LINKS} rights on stores: not all are told"
            note = Note("bound", text, span.path, span, incomplete=True)
            self.estate.note([note])

    def _actors(self, holder: Holder, placed: Placed) -> Iterator[tuple[Actor, Origin]]:
        """The identities of a holder, without those that a constraint keeps out."""
        binding = holder.through or holder.binding
        origin = binding.origin
        assert isinstance(origin, Origin)
        if holder.through is None and origin.member is None and binding.role:
            return  # `projectEditor:` by default: those who are it are told
        doubt = holder.doubt
        if holder.member in ("allUsers", "allAuthenticatedUsers"):
            closed = self._closed(placed)
            if closed is None:
                return
            doubt = "; ".join(d for d in (doubt, closed) if d)
        for actor in each(self.people.actors(holder.member, origin), doubt):
            yield actor, origin

    def _closed(self, placed: Placed) -> str | None:
        """None where everyone is kept out; "" where let in; else why it is in doubt."""
        blocked = placed.thing.fact("public.blocked")
        truths = [blocked.value if blocked is not None else False]
        if placed.kind is BUCKET:
            found = self.rights.constraints.holds(PREVENTION, placed.above)
            truths.append(found if found is not None else Unknown("resource", "?"))
        if True in [t for t in truths if not isinstance(t, Unknown)]:
            return None
        if any(isinstance(t, Unknown) for t in truths):
            return "whether public access is prevented is not known"
        if self.rights.constraints.holds(DOMAINS, placed.above) is not False:
            return "a constraint lets no new grant name everyone"
        return ""

    def anywhere(self) -> None:
        """Who may write to buckets of any project of a folder or organisation."""
        target = Target(Asked(BUCKET.type, "projects/_/buckets/", below=True))
        for holder in self.rights.holders(BUCKET.write, target, (), None):
            binding = holder.binding
            if binding.scope.level not in ("folder", "organisation"):
                continue
            if holder.partly or not binding.rights.certain & set(BUCKET.write):
                continue
            origin = binding.origin
            assert isinstance(origin, Origin)
            self._any(holder, binding, origin)

    def _any(self, holder: Holder, binding: Binding, origin: Origin) -> None:
        doubt = binding.doubt
        if binding.condition:
            doubt = doubt or "its condition decides"
        actors = list(each(self.people.actors(holder.member, origin), ""))
        for actor in actors:
            there = _destination(self.estate, origin.span)
            unsure = "; ".join(d for d in (actor.doubt, doubt) if d)
            edge = actor._replace(doubt=unsure)
            self.people.link(edge, "may write", there, origin.span, words_of(holder))
            value = Unknown("resource", unsure, span=origin.span) if unsure else True
            put_once(actor.thing, "writes.any_store", value, origin.span)


def _destination(estate: Estate, span: Span) -> Thing:
    made = Thing("destination", _ANY, "any bucket of Cloud Storage", span, "gcp")
    thing = estate.add(made)
    if thing is made:
        thing.state("type", "any-store", span)
    return thing


def words_of(holder: Holder) -> str:
    """What a grant says, for people."""
    binding = holder.binding
    origin = binding.origin
    address = origin.owner.address if isinstance(origin, Origin) else ""
    role = shown(binding.role) or "an unknown role"
    if holder.through is not None:
        through = holder.through
        assert isinstance(through.origin, Origin)
        basic = f"{through.origin.owner.address} grants {through.role} on the project"
        return f"{basic}, which gives {role} on its buckets by default"
    where = (
        "" if binding.scope.level == "resource" else f" on the {binding.scope.level}"
    )
    verb = "lets take for a time" if binding.eligible else "grants"
    partly = ", for some of its objects" if holder.partly else ""
    return f"{address} {verb} {role}{where}{partly}"
