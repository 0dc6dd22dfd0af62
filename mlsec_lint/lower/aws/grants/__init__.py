"""Who may do what with the weight stores of AWS, by its policies.

* `match`, `conditions`, `clause`, `decide`: the evaluation, pure;
* `managed`, `issuers`, `actions`: dated facts;
* `accounts`, `holders`, `strays`, `targets`, `guardrails`: what the scan declares;
* `rights`, `trusts`, `federated`, `passing`, `named_by_stores`: edges;
* `breadth`, `trust_facts`: facts of identities.

Does not model: grants by bucket ACL to other accounts, object ACLs, S3 Access Grants,
Lake Formation, session policies that a program passes, endpoint policies (they are of
the network, not of identities).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.grants.accounts import Accounts
from mlsec_lint.lower.aws.grants.breadth import (
    state_any_store,
    state_broad,
    state_launches,
)
from mlsec_lint.lower.aws.grants.guardrails import Guardrails
from mlsec_lint.lower.aws.grants.holders import Documents, holders_of
from mlsec_lint.lower.aws.grants.named_by_stores import link_named
from mlsec_lint.lower.aws.grants.passing import launches, link_launches, passers
from mlsec_lint.lower.aws.grants.rights import Rights, find_rights, link_rights
from mlsec_lint.lower.aws.grants.strays import strays_of
from mlsec_lint.lower.aws.grants.targets import targets_of
from mlsec_lint.lower.aws.grants.trusts import link_trusts, scene_of
from mlsec_lint.lower.terraform_index import index_of

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.aws.grants.holders import Holder
    from mlsec_lint.lower.aws.grants.keys import ByResource
    from mlsec_lint.lower.aws.grants.passing import Launch
    from mlsec_lint.lower.aws.grants.trusts import Scene
    from mlsec_lint.lower.inputs import Inputs

#: How often it is asked who starts work as those who were found to lead to weights.
_ROUNDS = 8
#: Verbs by which an identity comes near weights without a right on a store.
_LEADING = ("counts as", "becomes", "may enter")


def lower_aws_grants(inputs: Inputs, estate: Estate) -> None:
    """Link identities to the weight stores that policies open to them.

    Nothing is read where no store of AWS holds weights, and no identity is said to.
    """
    index = index_of(inputs)
    accounts = Accounts(index)
    documents = Documents(index, accounts)
    accounts.learn(estate)
    targets = targets_of(documents, estate)
    if not targets and not any(_held(one) for one in estate.of("identity")):
        return
    guards = Guardrails(documents)
    holders = holders_of(documents, estate)
    strays = strays_of(documents, holders)
    rights = find_rights([*holders, *strays], targets, guards, estate)
    known = {id(right.holder) for right in rights.found}
    for stray in strays:
        if id(stray) in known:
            stray.identity = estate.add(stray.identity)
            holders.append(stray)
    link_rights(rights, estate)
    link_named(targets, holders, accounts, estate)
    state_broad(rights.found, guards)
    reading = {id(right.holder): right.holder for right in rights.found}
    for holder in _leading(estate, holders):
        reading.setdefault(id(holder), holder)
    scene = scene_of(estate, accounts, guards, holders)
    link_trusts(scene, reading.values())
    passing = passers(holders)
    started = _followed(scene, passing, guards)
    link_launches(started, estate)
    state_any_store(scene.reached.values(), guards, estate)
    of_readers = [one for one in started if id(one.role) in reading]
    state_launches(of_readers, _stores_of(rights), passing.all())


def _followed(scene: Scene, passing: ByResource, guards: Guardrails) -> list[Launch]:
    """Who may start work as those who lead to weights, and who may become those.

    Goes on while somebody new is found; each identity is asked about once.
    """
    started: list[Launch] = []
    asked: set[int] = set()
    for _ in range(_ROUNDS):
        roles = [role for key, role in scene.reached.items() if key not in asked]
        asked.update(id(role) for role in roles)
        found = launches(passing, roles, guards, scene.estate)
        if not found:
            break
        started.extend(found)
        link_trusts(scene, [one.holder for one in found])
    return started


def _leading(estate: Estate, holders: list[Holder]) -> list[Holder]:
    """Identities that lead to weights by other ways than policies of the cloud.

    Those that are said to, those that workloads on weights run as, and those that count
    as somebody in a cluster, or may enter what runs there.
    """
    shown = {
        id(acts.target)
        for store in estate.of("store")
        if _held(store)
        for verb in ("reads", "writes")
        for edge in estate.edges_to(store, verb)
        for acts in estate.edges_from(edge.source, "runs as")
    }
    return [
        holder
        for holder in holders
        if id(holder.identity) in shown
        or _held(holder.identity)
        or any(estate.edges_from(holder.identity, verb) for verb in _LEADING)
    ]


def _held(thing: Thing) -> bool:
    """Whether it is known by now to hold weights."""
    fact = thing.fact("weights.held")
    return fact is not None and fact.value is True


def _stores_of(rights: Rights) -> dict[int, set[int]]:
    """By identity, the stores that it reads by itself."""
    stores: dict[int, set[int]] = {}
    for right in rights.found:
        if right.verb == "may read":
            mine = stores.setdefault(id(right.holder.identity), set())
            mine.add(id(right.target.store))
    return stores
