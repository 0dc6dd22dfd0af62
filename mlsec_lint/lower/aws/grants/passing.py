"""Who may start work of their own as a role that reads weights: pass it, and start.

`iam:PassRole` on the role, for a service that the role trusts, together with an action
by which that service starts what it is told to (actions.py). EKS Pod Identity is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.aws.grants.actions import PASS_ROLE, STARTS
from mlsec_lint.lower.aws.grants.conditions import Known
from mlsec_lint.lower.aws.grants.decide import (
    Decision,
    Request,
    acts_on,
    applies,
    decide,
)
from mlsec_lint.lower.aws.grants.keys import ByResource
from mlsec_lint.lower.aws.grants.match import MAYBE, NO, YES, Tri, both
from mlsec_lint.lower.aws.grants.rights import known_of, policies_for, span_of_clause
from mlsec_lint.source import Note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.aws.grants.clause import Clause
    from mlsec_lint.lower.aws.grants.guardrails import Guardrails
    from mlsec_lint.lower.aws.grants.holders import Holder
    from mlsec_lint.source import Span

#: How many pairs of who passes and what is passed are looked at in one round.
MAX_PAIRS = 20_000


class Launch(NamedTuple):
    """A holder that may start work as a role, by the line that lets it pass the role."""

    holder: Holder
    role: Holder
    service: str
    action: str
    span: Span
    clause: Clause
    answer: Tri
    why: str


def launches(
    passing: ByResource, roles: Iterable[Holder], guards: Guardrails, estate: Estate
) -> list[Launch]:
    """Everyone of the passing that may start work as one of `roles`, each pair once.

    Of very many pairs the first `MAX_PAIRS` are looked at.
    """
    found: list[Launch] = []
    pairs = 0
    for role in roles if passing else ():
        services = list(_services(role)) if role.sort == "role" else []
        for holder in passing.about(role.principal.name) if services else ():
            pairs += 1
            if pairs > MAX_PAIRS:
                words = "too many identities may pass roles: not all were compared"
                span = role.identity.span
                note = Note("bound", words, span.path, span, incomplete=True)
                estate.note([note])
                return found
            one = None if holder is role else _launch(holder, role, services, guards)
            if one is not None:
                found.append(one)
    return found


def passers(holders: Iterable[Holder]) -> ByResource:
    """Holders of whose statements one speaks of passing roles."""
    return ByResource(holders, (PASS_ROLE,))


def _services(role: Holder) -> Iterator[tuple[str, Tri]]:
    """The services that a role certainly or perhaps trusts, of those that start work."""
    if role.trust is None:
        return
    named = [
        name
        for clause in role.trust
        if clause.effect != "Deny" and not clause.doubt
        for kind, name in clause.principals
        if kind == "Service"
    ]
    for service in STARTS:
        if service in named:
            yield service, YES


def _launch(
    holder: Holder, role: Holder, services: list[tuple[str, Tri]], guards: Guardrails
) -> Launch | None:
    best: Launch | None = None
    for service, trusted in services:
        passed = _passes(holder, role, service, guards)
        if passed.answer is NO or passed.clause is None:
            continue
        started = _starts(holder, service)
        if started is None:
            continue
        action, can = started
        answer = both(trusted, passed.answer, can)
        span = span_of_clause(passed.clause, PASS_ROLE, holder)
        why = passed.why or (
            "" if answer is YES else f"whether it may do {action} is not known"
        )
        found = Launch(holder, role, service, action, span, passed.clause, answer, why)
        if answer is YES:
            return found
        best = best or found
    return best


def _passes(holder: Holder, role: Holder, service: str, guards: Guardrails) -> Decision:
    """Whether a holder may pass a role to a service."""
    account = role.principal.account
    known = known_of(holder, account)
    values = {**known.values, "iam:passedtoservice": (service,)}
    request = Request(
        holder.principal, PASS_ROLE, role.principal.name, account, Known(values)
    )
    allows = tuple(
        c
        for c in holder.clauses
        if c.effect != "Deny" and not c.doubt and acts_on(c, PASS_ROLE) is not NO
    )
    return decide(request, policies_for(holder, None, allows, guards))


def _starts(holder: Holder, service: str) -> tuple[str, Tri] | None:
    """An action by which a holder starts work at a service, on some resource of it."""
    best: tuple[str, Tri] | None = None
    for action in STARTS[service]:
        answer = _some(holder, action)
        if answer is YES:
            return action, YES
        if answer is MAYBE and best is None:
            best = action, MAYBE
    return best


def _some(holder: Holder, action: str) -> Tri:
    """Whether an action is allowed on any resource: an Allow that no Deny takes whole."""
    limits = (
        [holder.clauses]
        if holder.boundary is None
        else [holder.clauses, holder.boundary]
    )
    answers = [_allows(clauses, action) for clauses in limits]
    request = Request(holder.principal, action, "*", holder.principal.account)
    for clause in (*holder.clauses, *holder.denied, *(holder.boundary or ())):
        if clause.effect == "Deny" and not clause.doubt and not clause.unsure:
            if applies(clause, request)[0] is YES:
                return NO
    return both(*answers)


def _allows(clauses: tuple[Clause, ...], action: str) -> Tri:
    best = NO
    for clause in clauses:
        if clause.effect == "Deny" or clause.doubt:
            continue
        answer = acts_on(clause, action)
        if answer is YES and (clause.unsure or not clause.effect):
            answer = MAYBE
        best = max(best, answer, key=lambda a: a.value)
    return best


def link_launches(found: Iterable[Launch], estate: Estate) -> None:
    """State `may launch as` edges."""
    for one in found:
        certain = one.answer is YES
        words = f"{one.clause.words} lets it pass the role to {one.service}, and {one.action} starts work there"
        estate.link(
            one.holder.identity,
            "may launch as",
            one.role.identity,
            one.span,
            words,
            certain=certain,
            why="" if certain else one.why,
        )
