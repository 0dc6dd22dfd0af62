"""Who may come to act as an Azure identity that leads to weights.

By assigning it to compute of one's own (assign/action on the identity, and the right to
create some compute), by adding a federated credential to it, by submitting jobs to a
workspace whose computes act as it, or by entering a machine that does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.azure.grants.answers import Answer, both, either
from mlsec_lint.lower.azure.grants.deciding import decide
from mlsec_lint.lower.azure.grants.nearby import Nearby
from mlsec_lint.lower.azure.grants.placing import place_of, scope_of
from mlsec_lint.lower.azure.grants.principals import USER_ASSIGNED, acts_as
from mlsec_lint.lower.azure.grants.rights import (
    ASSIGN_IDENTITY,
    CREATES,
    ENTERS,
    SUBMITS,
    TRUST_OTHERS,
)
from mlsec_lint.lower.azure.grants.roles import allows
from mlsec_lint.lower.azure.grants.targets import holds_weights
from mlsec_lint.lower.azure.machines import MACHINES
from mlsec_lint.lower.reading import given
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.azure.grants.assignments import Grant
    from mlsec_lint.lower.azure.grants.scopes import Scope
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex

#: What acts for a workspace's users: resources that name it, with identities.
COMPUTES = (
    "azurerm_machine_learning_compute_cluster",
    "azurerm_machine_learning_compute_instance",
    "azurerm_machine_learning_synapse_spark",
)
_WORKSPACE_ID = "machine_learning_workspace_id"
_LEADS = ("may read", "may write", "may open")
#: How many pairs of a grant and something it may lead to are looked at.
MAX_PAIRS = 100_000
_LAUNCH, _BECOMES, _ENTER = "may launch as", "becomes", "may enter"


class Targets(NamedTuple):
    """What a right may lead to in one root: each thing with where the right counts."""

    identities: Nearby[Thing]
    submitted: Nearby[Thing]
    machines: Nearby[Thing]


class Door(NamedTuple):
    """Something that a right on it lets somebody in by, and what that leads to."""

    target: Thing
    verb: str
    words: str


def link_launches(index: TerraformIndex, estate: Estate, grants: list[Grant]) -> None:
    """Edges from those with a right to start work, trust or enter, to what acts."""
    wanted = leading(estate)
    creators = _creators(grants)
    targets = [_targets(here, estate, wanted) for here in index.roots]
    pairs = 0
    for grant in grants:
        for found in targets:
            pairs += sum(len(listed.about(grant.scope)) for listed in found)
            if pairs > MAX_PAIRS:
                _too_many(estate, grant)
                return
            for door, answer in _opened(grant, found, creators):
                _link(estate, grant, door, answer)


def _too_many(estate: Estate, grant: Grant) -> None:
    text = f"more than {MAX_PAIRS} pairs of role assignments and identities"
    text += ": not all were joined"
    span = grant.span
    estate.note([Note("bound", text, span.path, span, incomplete=True)])


def _targets(here: RootIndex, estate: Estate, wanted: set[int]) -> Targets:
    return Targets(
        Nearby(_identities(here, estate, wanted)),
        Nearby(_submitted(here, estate, wanted)),
        Nearby(_machines(here, estate, wanted)),
    )


def leading(estate: Estate) -> set[int]:
    """Ids of the identities that can get at a weight store, directly or through others."""
    found: set[int] = set()
    queue: list[Thing] = []
    for identity in estate.of("identity"):
        if any(e.verb in _LEADS for e in estate.edges_from(identity)):
            found.add(id(identity))
            queue.append(identity)
    while queue:
        near = queue.pop()
        for edge in estate.edges_to(near):
            if edge.verb in (_BECOMES, "counts as") and id(edge.source) not in found:
                found.add(id(edge.source))
                queue.append(edge.source)
    return found


def _creators(grants: list[Grant]) -> dict[int, Answer]:
    """Per identity whether any grant lets it create compute."""
    answers: dict[int, list[Answer]] = {}
    for grant in grants:
        answer = either(allows(grant.role, operation) for operation in CREATES)
        if answer is True and grant.unknown is not None:
            answer = grant.unknown
        answers.setdefault(id(grant.identity), []).append(answer)
    return {key: either(found) for key, found in answers.items()}


def _opened(
    grant: Grant, targets: Targets, creators: dict[int, Answer]
) -> Iterator[tuple[Door, Answer]]:
    for identity, at in targets.identities.about(grant.scope):
        may = decide(grant.role, grant.scope, ASSIGN_IDENTITY, at)
        if may is not False:
            creates = creators.get(id(grant.identity), False)
            if creates is False:
                why = f"that {grant.identity.name} may create compute is not shown"
                creates = Unknown("resource", why, span=grant.span)
            words = "lets it give the identity to compute"
            yield Door(identity, _LAUNCH, words), both((may, creates))
        trusts = decide(grant.role, grant.scope, TRUST_OTHERS, at)
        if trusts is not False:
            words = "lets it add federated credentials"
            yield Door(identity, _BECOMES, words), trusts
    for identity, at in targets.submitted.about(grant.scope):
        for operation in SUBMITS:
            may = decide(grant.role, grant.scope, operation, at)
            if may is not False:
                words = "lets it run own code on the workspace's compute"
                yield Door(identity, _LAUNCH, words), may
                break
    for machine, at in targets.machines.about(grant.scope):
        for operation, how in ENTERS:
            may = decide(grant.role, grant.scope, operation, at)
            if may is not False:
                yield Door(machine, _ENTER, f"lets it {how}"), may
                break


def _identities(
    here: RootIndex, estate: Estate, wanted: set[int]
) -> Iterator[tuple[Thing, Scope]]:
    for resource in here.of(USER_ASSIGNED):
        thing = estate.find("identity", here.address(resource))
        if thing is not None and id(thing) in wanted:
            yield thing, place_of(here, resource)


def _submitted(
    here: RootIndex, estate: Estate, wanted: set[int]
) -> Iterator[tuple[Thing, Scope]]:
    """Identities of computes, where the workspace is that they belong to."""
    for resource in here.of(*COMPUTES):
        workspace = given(resource.values, _WORKSPACE_ID)
        if workspace is None:
            continue
        for identity, _, _ in acts_as(here, estate, resource):
            if id(identity) in wanted:
                yield identity, scope_of(here, workspace)


def _machines(
    here: RootIndex, estate: Estate, wanted: set[int]
) -> Iterator[tuple[Thing, Scope]]:
    for resource in here.of(*MACHINES):
        thing = estate.find("workload", here.address(resource))
        if thing is None:
            continue
        acting = estate.edges_from(thing, "runs as")
        if holds_weights(thing) or any(id(e.target) in wanted for e in acting):
            yield thing, place_of(here, resource)


def _link(estate: Estate, grant: Grant, door: Door, answer: Answer) -> None:
    if answer is False or door.target is grant.identity:
        return
    doubt = answer if isinstance(answer, Unknown) else grant.unknown
    estate.link(
        grant.identity,
        door.verb,
        door.target,
        grant.span,
        f"the role {grant.role.name} {door.words}",
        certain=doubt is None,
        why=doubt.why if doubt is not None else "",
    )
    if door.verb == _LAUNCH and not _reads(grant.identity, estate):
        _state(grant, door, doubt)


def _reads(identity: Thing, estate: Estate) -> bool:
    """Whether an identity reads weights by itself: it gains nothing by starting work."""
    edges = estate.edges_from(identity, "may read")
    return any(edge.certain for edge in edges)


def _state(grant: Grant, door: Door, doubt: Unknown | None) -> None:
    """As which identities a grant lets its holder start work."""
    identity = grant.identity
    known = identity.fact("launches")
    listed = known.value if known is not None else ()
    names = listed if isinstance(listed, tuple) else ()
    if doubt is not None and not names:
        identity.state("launches", doubt, grant.span)
    elif doubt is None and door.target.address not in names:
        identity.state("launches", (*names, door.target.address), grant.span)
