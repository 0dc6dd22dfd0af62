"""What rights on weights say of the identities that have them: how broad, till when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import FactValue, Thing
    from mlsec_lint.lower.gcp.grants.evaluate import Holder
    from mlsec_lint.lower.gcp.grants.pods import Actor
    from mlsec_lint.source import Span

#: Roles of administrators: on a project they open every store of it.
BROAD = ("roles/owner", "roles/editor", "roles/storage.admin", "roles/admin")

#: How many facts of a name one identity gets: more would tell nothing new.
_MOST = 200


def say_reading(actor: Actor, holder: Holder, span: Span) -> None:
    """State how broad the grant is, and whether the right ends by itself."""
    thing = actor.thing
    binding = holder.through or holder.binding
    if binding.role in BROAD and binding.scope.level != "resource":
        put_once(thing, "grants.broad", _true(actor.doubt, span), span)
    elif "grants.broad" not in thing.facts:
        thing.state("grants.broad", value=False, span=span)
    if not holder.expires:
        thing.state("standing", value=True, span=span)
    elif "standing" not in thing.facts:
        thing.state("standing", value=False, span=span)
    if "writes.any_store" not in thing.facts:
        words = "no grant in the scan lets it write to a whole organisation or folder"
        thing.state("writes.any_store", value=False, default=words)
    if "launches" not in thing.facts:
        words = "no grant in the scan lets it start work as another identity"
        thing.state("launches", (), default=words)


def say_launches(actor: Actor, target: Thing, span: Span) -> None:
    """State as which account the actor may start work of its own."""
    if actor.doubt:
        unknown = Unknown("resource", actor.doubt, span=span)
        put_once(actor.thing, "launches", unknown, span)
    else:
        put_once(actor.thing, "launches", (target.address,), span)


def _true(doubt: str, span: Span) -> FactValue:
    return Unknown("resource", doubt, span=span) if doubt else True


def put_once(thing: Thing, name: str, value: FactValue, span: Span) -> None:
    """State one of several facts, each line once; what is certain replaces a doubt."""
    facts = thing.many.get(name, [])
    if len(facts) >= _MOST:
        return
    for number, fact in enumerate(facts):
        if fact.span == span and (fact.value == value or isinstance(value, Unknown)):
            return
        if fact.span == span and isinstance(fact.value, Unknown):
            facts[number] = fact._replace(value=value)
            thing.facts[name] = facts[number]
            return
    thing.also(name, value, span)
