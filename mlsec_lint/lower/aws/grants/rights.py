"""Edges from identities to weight stores, by the identities' policies and the stores'.

One edge per statement that allows: the question is put to the whole evaluation with all
that denies and limits, and one Allow at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.aws.grants.actions import BY_SERVICE
from mlsec_lint.lower.aws.grants.conditions import Known
from mlsec_lint.lower.aws.grants.decide import (
    Decision,
    Policies,
    Request,
    acts_on,
    decide,
)
from mlsec_lint.lower.aws.grants.keys import key_of, keys_of
from mlsec_lint.lower.aws.grants.match import FOREIGN, MAYBE, NO, YES, has_hole
from mlsec_lint.lower.jobs.weight_words import speaks_of_weights
from mlsec_lint.source import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.aws.grants.actions import Needed
    from mlsec_lint.lower.aws.grants.clause import Clause
    from mlsec_lint.lower.aws.grants.guardrails import Guardrails
    from mlsec_lint.lower.aws.grants.holders import Holder
    from mlsec_lint.lower.aws.grants.targets import Target
    from mlsec_lint.source import Span

#: How many statements one identity's verb on one store is told by.
_WAYS = 8
MAX_QUESTIONS = 100_000
#: How many stores whose policies name somebody unknown are compared with each identity.
_UNSURE = 200


class Right(NamedTuple):
    """A right that was found: whose, on which store, by which statement."""

    holder: Holder
    target: Target
    verb: str
    action: str
    clause: Clause
    decision: Decision


@dataclass(slots=True)
class Rights:
    """All rights of declared identities on weight stores."""

    found: list[Right] = field(default_factory=list)
    questions: int = 0

    def of(self, holder: Holder) -> Iterator[Right]:
        """The rights of one identity."""
        return (right for right in self.found if right.holder is holder)


def policies_for(
    holder: Holder,
    target_policy: tuple[Clause, ...] | None,
    allow: tuple[Clause, ...],
    guards: Guardrails,
) -> Policies:
    """All that counts for a holder's request, with these Allows of its own only."""
    denies = [c for c in holder.clauses if c.effect == "Deny" and not c.doubt]
    scps, rcps = guards.of(holder)
    return Policies(
        identity=(*denies, *holder.denied, *allow),
        resource=target_policy,
        boundary=holder.boundary,
        scps=scps,
        rcps=rcps,
    )


def known_of(holder: Holder, account: str) -> Known:
    """What is known of a request that an identity itself makes to a resource."""
    own = holder.principal.account
    kind = "User" if holder.sort == "user" else "AssumedRole"
    same_org = ("\0organisation\0",) if account != FOREIGN else (FOREIGN,)
    values: dict[str, tuple[str, ...]] = {
        "aws:principalarn": (holder.principal.name,),
        "aws:principalaccount": (own,),
        "aws:principaltype": (kind,),
        "aws:principalisawsservice": ("false",),
        "aws:securetransport": ("true",),
        "aws:viaawsservice": ("false",),
        "aws:sourceaccount": (),
        "aws:sourcearn": (),
        "aws:sourceorgid": (),
        "aws:resourceaccount": (account,),
        "s3:resourceaccount": (account,),
        "aws:resourceorgid": same_org,
        "kms:calleraccount": (own,),
    }
    for tag, value in holder.tags.items():
        values[f"aws:principaltag/{tag.lower()}"] = (value,)
    return Known(values)


def find_rights(
    holders: list[Holder], targets: list[Target], guards: Guardrails, estate: Estate
) -> Rights:
    """Ask for each identity, store and verb; only what has a matching Allow is asked."""
    rights = Rights()
    shelf = _Shelf(targets)
    for holder in holders:
        relevant = {name: _relevant(holder, name) for name in shelf.services}
        for target in shelf.of(holder, relevant):
            if rights.questions > MAX_QUESTIONS:
                words = (
                    "there are too many identities and stores: not all were compared"
                )
                span = holder.identity.span
                estate.note([Note("bound", words, span.path, span, incomplete=True)])
                return rights
            for need in BY_SERVICE[target.service]:
                _ask(rights, holder, target, need, relevant[target.service], guards)
    return rights


class _Shelf:
    """Targets by what statements name them by, in their order."""

    def __init__(self, targets: list[Target]) -> None:
        self.targets = targets
        self.services = {target.service for target in targets}
        self._order = {id(target): number for number, target in enumerate(targets)}
        self._keyed: dict[str, list[Target]] = {}
        self._open: list[Target] = []
        self._naming: dict[str, list[Target]] = {}
        self._unsure: list[Target] = []
        for target in targets:
            key = key_of(target.arn)
            if key is None:
                self._open.append(target)
            else:
                self._keyed.setdefault(key, []).append(target)
            for clause in target.naming():
                for _, name in clause.principals:
                    if has_hole(name) and target not in self._unsure[-1:]:
                        self._unsure.append(target)
                    self._naming.setdefault(name.split(":")[-1], []).append(target)

    def of(
        self, holder: Holder, relevant: dict[str, tuple[Clause, ...]]
    ) -> list[Target]:
        """Targets of which a statement of a holder, or their own policy, may speak."""
        found: dict[int, Target] = {}
        for service, clauses in relevant.items():
            keys = keys_of(clauses)
            if keys is None:
                chosen = self.targets
            else:
                chosen = [
                    *self._open,
                    *(t for k in keys for t in self._keyed.get(k, ())),
                ]
            if clauses:
                found.update((id(t), t) for t in chosen if t.service == service)
        mine = holder.principal.name.split(":")[-1]
        for target in (*self._naming.get(mine, ()), *self._unsure[:_UNSURE]):
            if _names(target, holder):
                found[id(target)] = target
        return sorted(found.values(), key=lambda target: self._order[id(target)])


def _relevant(holder: Holder, service: str) -> tuple[Clause, ...]:
    actions = [a for need in BY_SERVICE[service] for a in need.actions]
    return tuple(
        clause
        for clause in holder.clauses
        if clause.doubt
        or (
            clause.effect != "Deny"
            and any(acts_on(clause, a) is not NO for a in actions)
        )
    )


def _names(target: Target, holder: Holder) -> bool:
    """Whether the store's own policy names an identity itself."""
    mine = holder.principal.name
    return any(
        name == mine
        or (
            has_hole(name)
            and "/" in name
            and name.split(":")[-1] == mine.split(":")[-1]
        )
        for clause in target.naming()
        for _, name in clause.principals
    )


def _ask(
    rights: Rights,
    holder: Holder,
    target: Target,
    need: Needed,
    allows: tuple[Clause, ...],
    guards: Guardrails,
) -> None:
    found: list[Right] = []
    own = tuple(c for c in target.naming() if not c.doubt and not _for_everyone(c))
    resource_policy = own if own or target.policy is not None else None
    options: list[tuple[Clause, ...]] = [(clause,) for clause in allows]
    if _names(target, holder):
        options.append(())
    for allow in options:
        if (
            allow
            and not allow[0].doubt
            and all(acts_on(allow[0], a) is NO for a in need.actions)
        ):
            continue
        rights.questions += 1
        policies = policies_for(holder, resource_policy, allow, guards)
        best = _best(holder, target, need, policies)
        if best is not None:
            found.append(best)
    certain = [right for right in found if right.decision.answer is YES]
    chosen = certain or found
    unique = {id(right.clause): right for right in chosen}
    rights.found.extend(list(unique.values())[:_WAYS])


def _for_everyone(clause: Clause) -> bool:
    return clause.effect != "Deny" and any(name == "*" for _, name in clause.principals)


def _best(
    holder: Holder, target: Target, need: Needed, policies: Policies
) -> Right | None:
    resource = target.inner() if need.inner else target.arn
    known = known_of(holder, target.account)
    best: Right | None = None
    for action in need.actions:
        request = Request(holder.principal, action, resource, target.account, known)
        decision = decide(request, policies, "union")
        clause = decision.clause
        if decision.answer is NO or clause is None:
            continue
        right = Right(holder, target, need.verb, action, clause, decision)
        if decision.answer is YES:
            return right
        best = best or right
    return best


def link_rights(rights: Rights, estate: Estate) -> None:
    """State the edges of the rights that were found."""
    for right in rights.found:
        decision, clause = right.decision, right.clause
        certain, why = decision.answer is YES, decision.why
        if certain and _elsewhere(right):
            certain, why = False, "whether both lie in one account is not known"
        if not certain and decision.answer is MAYBE and _is_prefix(right):
            certain, why = True, ""
        estate.link(
            right.holder.identity,
            right.verb,
            right.target.store,
            span_of_clause(clause, right.action, right.holder),
            words_of(clause, right.action),
            certain=certain,
            why=why,
        )


def span_of_clause(clause: Clause, action: str, holder: Holder) -> Span:
    """The line of a statement that names an action; the attachment's for AWS's own."""
    return clause.place(action) or clause.span or holder.identity.span


def words_of(clause: Clause, action: str) -> str:
    """What a statement does, for people."""
    if clause.doubt:
        return f"{clause.words} may allow {action} on it"
    return f"{clause.words} allows {action} on it"


def _elsewhere(right: Right) -> bool:
    """Whether only a wildcard leads to a store that another root declares, or none."""
    target, holder = right.target, right.holder
    if target.here is holder.here:
        return False
    return all(_wild(pattern) for pattern in right.clause.resources)


def _wild(pattern: str) -> bool:
    return pattern.rpartition(":")[2].strip("*/") == ""


def _is_prefix(right: Right) -> bool:
    """Whether the doubt is only which objects of this very bucket: those with weights.

    A statement on a folder of a weight store whose name speaks of weights, or of nothing
    else, is about them.
    """
    if "some of the objects" not in right.decision.why:
        return False
    for pattern in right.clause.resources:
        if not pattern.startswith(f"{right.target.arn}/"):
            continue
        if speaks_of_weights(pattern.removeprefix(f"{right.target.arn}/").strip("*")):
            return True
    return False
