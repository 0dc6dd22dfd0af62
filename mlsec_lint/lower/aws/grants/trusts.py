"""Who may assume the roles that read weights, by their trust policies.

Starts at the roles that reach weights and goes backwards: who may assume those, and who
those in turn. States edges `becomes` and the facts `trust.*` of each role on the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.aws.grants import outsiders
from mlsec_lint.lower.aws.grants.actions import (
    ASSUME,
    TAKE_OVER,
)
from mlsec_lint.lower.aws.grants.conditions import Known
from mlsec_lint.lower.aws.grants.decide import (
    Principal,
    Request,
    account_named,
    acts_on,
    applies,
    decide,
    doubt_of,
)
from mlsec_lint.lower.aws.grants.federated import link_federated
from mlsec_lint.lower.aws.grants.keys import ByResource
from mlsec_lint.lower.aws.grants.match import FOREIGN, NO, YES
from mlsec_lint.lower.aws.grants.rights import known_of, policies_for, span_of_clause
from mlsec_lint.lower.aws.grants.trust_facts import (
    owner_of,
    refused_accounts,
    state_trust,
)
from mlsec_lint.source import Note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.aws.grants.accounts import Accounts
    from mlsec_lint.lower.aws.grants.clause import Clause
    from mlsec_lint.lower.aws.grants.guardrails import Guardrails
    from mlsec_lint.lower.aws.grants.holders import Holder
    from mlsec_lint.source import Span

MAX_ROLES = 5_000
#: How many pairs of an identity and a role are looked at.
MAX_PAIRS = 50_000


class Scene(NamedTuple):
    """What the walk over trusts needs."""

    estate: Estate
    accounts: Accounts
    guards: Guardrails
    holders: tuple[Holder, ...]
    by_arn: dict[str, list[Holder]]
    assuming: ByResource
    taking: ByResource
    reached: dict[int, Holder]
    asked: list[Holder]


def scene_of(
    estate: Estate,
    accounts: Accounts,
    guards: Guardrails,
    holders: Iterable[Holder],
) -> Scene:
    """Holders by their ARN, and those whose policies speak of assuming roles."""
    found = tuple(holders)
    by_arn: dict[str, list[Holder]] = {}
    for holder in found:
        by_arn.setdefault(holder.principal.name, []).append(holder)
    return Scene(
        estate,
        accounts,
        guards,
        found,
        by_arn,
        ByResource(found, (ASSUME,)),
        ByResource(found, TAKE_OVER),
        {},
        [],
    )


def link_trusts(scene: Scene, start: Iterable[Holder]) -> list[Holder]:
    """Link who may become the roles to start from, and so on backwards.

    Gives every holder that was reached by now; each is looked at once.
    """
    waiting = [holder for holder in start if id(holder) not in scene.reached]
    for role in waiting:  # grows while it is walked
        if id(role) in scene.reached or len(scene.reached) > MAX_ROLES:
            continue
        scene.reached[id(role)] = role
        waiting.extend(_role(scene, role))
    return list(scene.reached.values())


def _asked(scene: Scene, among: ByResource, role: Holder) -> Iterator[Holder]:
    """Those who may have a right on a role, up to `MAX_PAIRS` in all."""
    for holder in among.about(role.principal.name):
        if len(scene.asked) > MAX_PAIRS:
            return
        scene.asked.append(holder)
        if len(scene.asked) > MAX_PAIRS:
            words = "too many identities may assume roles: not all were compared"
            span = role.identity.span
            note = Note("bound", words, span.path, span, incomplete=True)
            scene.estate.note([note])
            return
        yield holder


def _role(scene: Scene, role: Holder) -> Iterator[Holder]:
    """Everybody who may assume one role; gives the declared ones among them."""
    if role.trust is not None:
        state_trust(role, scene.accounts)
        for clause in role.trust:
            yield from _clause(scene, role, clause)
    yield from _take_over(scene, role)


def _clause(scene: Scene, role: Holder, clause: Clause) -> Iterator[Holder]:
    if clause.effect == "Deny":
        return
    span = clause.whom or clause.span or role.identity.span
    if clause.doubt:
        who = outsiders.unknown_one(
            scene.estate, f"the trust policy of {role.identity.address}", span
        )
        words = "its trust policy is not all known"
        _link(scene, who, role, span, words, certain=False, why=clause.doubt)
        return
    refused = refused_accounts(role)
    for kind, name in clause.principals:
        if kind == "Service" or (kind == "AWS" and owner_of(name) in refused):
            continue
        if kind == "Federated":
            link_federated(scene.estate, role, clause, name)
        else:
            yield from _aws(scene, role, clause, name)
    if clause.not_principals:
        who = outsiders.outsider(scene.estate, "everyone", "everyone", span)
        words = f"{clause.words} lets all but some assume it"
        _link(scene, who, role, span, words, certain=False, why="NotPrincipal")


def _aws(scene: Scene, role: Holder, clause: Clause, name: str) -> Iterator[Holder]:
    """One AWS principal of a trust: everyone, an account, an identity, or unknown."""
    if acts_on(clause, ASSUME) is NO:
        return
    span = clause.whom or clause.span or role.identity.span
    if name == "*":
        yield from _everyone(scene, role, clause, span)
        return
    account = account_named(name)
    if account is not None:
        yield from _account(scene, role, clause, account, span)
        return
    declared = _declared(scene, name)
    for holder in declared:
        if _assumes(scene, holder, role, clause, span):
            yield holder
    if declared:
        return
    fields = name.split(":", 5)
    words = f"{clause.words} lets {outsiders.shown_text(name)[0]} assume it"
    certain, why = _met(
        clause, role, Principal("AWS", name, fields[4] if len(fields) > 5 else "")
    )
    if len(fields) < 6 or fields[0] != "arn":
        who = outsiders.unknown_one(scene.estate, name, span)
        _link(
            scene,
            who,
            role,
            span,
            words,
            certain=False,
            why="whom it names is not known",
        )
    elif scene.accounts.is_lab(fields[4]):
        who = _undeclared(scene, name, fields[5], span)
        _link(scene, who, role, span, words, certain=certain, why=why)
    else:
        who = outsiders.account(scene.estate, fields[4], span)
        _link(scene, who, role, span, words, certain=certain, why=why)


def _undeclared(scene: Scene, name: str, label: str, span: Span) -> Thing:
    """An identity of the lab's own account that no config here declares."""
    shown, _ = outsiders.shown_text(label)
    sort = "user" if label.startswith("user/") else "role"
    known = scene.estate.named(shown, "identity")
    if len(known) == 1:
        return known[0]
    who = outsiders.outsider(scene.estate, shown, sort, span)
    if sort == "user" or "AWSReservedSSO_" in name:
        who.state("person", value=True, span=span)
    return who


def _declared(scene: Scene, name: str) -> list[Holder]:
    """The declared identities that a principal's ARN means."""
    found = scene.by_arn.get(name)
    if found is not None:
        return found
    return []


def _everyone(
    scene: Scene, role: Holder, clause: Clause, span: Span
) -> Iterator[Holder]:
    """`*`: strangers where no condition keeps them out, else those whom it lets in."""
    stranger = Principal("AWS", FOREIGN, FOREIGN)
    known = Known(
        {
            "aws:principalaccount": (FOREIGN,),
            "aws:principalorgid": (FOREIGN,),
            "aws:principalorgpaths": (FOREIGN,),
            "aws:principalarn": (FOREIGN,),
            "aws:sourcearn": (),
            "aws:sourceaccount": (),
            "aws:securetransport": ("true",),
        }
    )
    request = Request(
        stranger, ASSUME, role.principal.name, role.principal.account, known
    )
    answer, _ = applies(clause, request)
    words = f"{clause.words} lets everyone assume it"
    if answer is not NO:
        who = outsiders.outsider(scene.estate, "everyone", "everyone", span)
        why = "" if answer is YES else doubt_of(clause, request)
        _link(scene, who, role, span, words, certain=answer is YES, why=why)
        return
    for holder in _asked(scene, scene.assuming, role):
        if holder is not role and _assumes(scene, holder, role, clause, span):
            yield holder


def _account(
    scene: Scene, role: Holder, clause: Clause, account: str, span: Span
) -> Iterator[Holder]:
    if not scene.accounts.is_lab(account):
        who = outsiders.account(scene.estate, account, span)
        shown, hidden = outsiders.shown_text(account)
        certain, why = _met(
            clause, role, Principal("AWS", f"arn:aws:iam::{account}:root", account)
        )
        if hidden:
            certain, why = False, f"{shown} may be the lab's own account"
        words = f"{clause.words} lets the account {shown} assume it"
        _link(scene, who, role, span, words, certain=certain, why=why)
    for holder in _asked(scene, scene.assuming, role):
        if holder is not role and _assumes(scene, holder, role, clause, span):
            yield holder


def _met(clause: Clause, role: Holder, who: Principal) -> tuple[bool, str]:
    """Whether a trust's conditions are certainly met by an outsider, and what not."""
    known = Known(
        {"aws:principalaccount": (who.account,), "aws:securetransport": ("true",)}
    )
    request = Request(who, ASSUME, role.principal.name, role.principal.account, known)
    answer, loose = applies(clause, request)
    if answer is YES:
        return True, ""
    if loose:  # an external id or a second factor is theirs to bring
        return True, ""
    return False, doubt_of(clause, request)


def _assumes(
    scene: Scene, holder: Holder, role: Holder, clause: Clause, span: Span
) -> bool:
    """Link a declared identity that may assume a role; whether it may."""
    allows = tuple(
        c
        for c in holder.clauses
        if c.effect != "Deny" and not c.doubt and acts_on(c, ASSUME) is not NO
    )
    denies = tuple(c for c in role.trust or () if c.effect == "Deny")
    policies = policies_for(holder, (clause, *denies), allows, scene.guards)
    account = role.principal.account
    request = Request(
        holder.principal,
        ASSUME,
        role.principal.name,
        account,
        known_of(holder, account),
    )
    decision = decide(request, policies, "trust")
    if decision.answer is NO or decision.clause is None:
        return False
    words = f"{clause.words} of its trust policy lets {holder.identity.name} assume it"
    certain = decision.answer is YES
    _link(scene, holder.identity, role, span, words, certain=certain, why=decision.why)
    return True


def _take_over(scene: Scene, role: Holder) -> Iterator[Holder]:
    """Identities that may rewrite the trust policy of a role can take it."""
    if role.sort != "role" or role.resource.type != "aws_iam_role":
        return
    for holder in _asked(scene, scene.taking, role):
        if holder is role:
            continue
        for action in TAKE_OVER:
            allows = tuple(
                c
                for c in holder.clauses
                if c.effect != "Deny" and not c.doubt and acts_on(c, action) is not NO
            )
            account = role.principal.account
            request = Request(
                holder.principal,
                action,
                role.principal.name,
                account,
                known_of(holder, account),
            )
            decision = decide(request, policies_for(holder, None, allows, scene.guards))
            if decision.answer is NO or decision.clause is None:
                continue
            span = span_of_clause(decision.clause, action, holder)
            words = f"{decision.clause.words} lets it rewrite who may assume the role"
            certain = decision.answer is YES
            _link(
                scene,
                holder.identity,
                role,
                span,
                words,
                certain=certain,
                why=decision.why,
            )
            yield holder


def _link(
    scene: Scene,
    who: Thing,
    role: Holder,
    span: Span,
    words: str,
    *,
    certain: bool,
    why: str = "",
) -> None:
    if who is not role.identity:
        scene.estate.link(
            who, "becomes", role.identity, span, words, certain=certain, why=why
        )
