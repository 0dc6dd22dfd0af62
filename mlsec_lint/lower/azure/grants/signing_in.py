"""How those sign in who read weights of Azure: second factors, and lasting passwords.

A conditional access policy asks for a second factor where it is enabled, its grant
controls cannot be met without one, and it takes in the person and Azure's services
(learn.microsoft.com, "Conditional Access: Grant", read 2026-11). Where the scan holds no
such policy nothing is said: most tenants keep them elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.azure.grants.answers import Answer, both, either, opposite
from mlsec_lint.lower.azure.grants.principals import declared, principals
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

#: How many policies are asked for each person.
MAX_POLICIES = 200
_POLICY = "azuread_conditional_access_policy"
#: Azure's management and storage services, by their application ids.
_APPLICATIONS = frozenset(
    {
        "all",
        "797f4846-ba00-4fd7-ba43-dac1f8f63013",
        "e406a681-f3d4-42a8-90b6-c2b029497af1",
    }
)
#: Resources that give an application a password or certificate, and whose it is.
_CREDENTIALS = (
    ("azuread_application_password", ("application_id", "application_object_id")),
    ("azuread_application_certificate", ("application_id", "application_object_id")),
    ("azuread_service_principal_password", ("service_principal_id",)),
    ("azuread_service_principal_certificate", ("service_principal_id",)),
)
_OWNERS = (
    "azuread_application",
    "azuread_application_registration",
    "azuread_service_principal",
    "data.azuread_application",
    "data.azuread_service_principal",
)


def state_signing_in(index: TerraformIndex, estate: Estate) -> None:
    """State `trust.mfa` of people who read weights, `static_key` of applications."""
    for here in index.roots:
        for kind, names in _CREDENTIALS:
            for resource in here.of(kind):
                for name in names:
                    _static(here, estate, resource, name)
    policies = [_read(h, estate, p) for h in index.roots for p in h.of(_POLICY)]
    for identity in estate.of("identity") if policies else ():
        person = identity.fact("person")
        reads = estate.edges_from(identity, "may read")
        if person is not None and person.value is True and reads:
            _factor(estate, identity, policies[:MAX_POLICIES])


class Listed(NamedTuple):
    """Whom a list of users and groups has: all, or some, and perhaps others."""

    everyone: bool
    some: frozenset[int]
    unknown: Unknown | None


class Asked(NamedTuple):
    """A conditional access policy: whether it asks for a factor at all, and of whom."""

    policy: Resource
    asks: Answer
    included: Listed
    excluded: Listed


def _read(here: RootIndex, estate: Estate, policy: Resource) -> Asked:
    path = "conditions.applications.included_applications"
    asks = both(
        (
            _is(here, policy, "state", "enabled"),
            _requires(here, policy),
            _any_of(here, policy, path),
        )
    )
    listed = [_listed(here, estate, policy, side) for side in ("included", "excluded")]
    return Asked(policy, asks, *listed)


def _static(here: RootIndex, estate: Estate, resource: Resource, name: str) -> None:
    owner = given(resource.values, name)
    for found in here.parents(owner, _OWNERS):
        if owner is not None:
            thing = declared(here, estate, found)
            thing.also("static_key", value=True, span=span_of(owner, resource))


def _factor(estate: Estate, identity: Thing, policies: list[Asked]) -> None:
    mine = {id(identity)}
    mine |= {id(e.target) for e in estate.edges_from(identity, "counts as")}
    answers = [
        both((one.asks, _has(one.included, mine), opposite(_has(one.excluded, mine))))
        for one in policies
    ]
    answer = either(answers)
    span = identity.span
    for one, found in zip(policies, answers, strict=True):
        if found is answer and answer is not False:
            span = one.policy.span
            break
    identity.state("trust.mfa", answer, span)


def _has(listed: Listed, mine: set[int]) -> Answer:
    if listed.everyone or listed.some & mine:
        return True
    return False if listed.unknown is None else listed.unknown


def _is(here: RootIndex, policy: Resource, name: str, word: str) -> Answer:
    text = here.text_of(given(policy.values, name))
    return text if isinstance(text, Unknown) else text == word


def _requires(here: RootIndex, policy: Resource) -> Answer:
    """Whether its controls cannot be met without a second factor."""
    if values_at(policy.values, "grant_controls.authentication_strength_policy_id"):
        return True
    values = values_at(policy.values, "grant_controls.built_in_controls")
    texts = [here.text_of(value) for value in values]
    unsure = next((text for text in texts if isinstance(text, Unknown)), None)
    words = {text.lower() for text in texts if isinstance(text, str)}
    if "block" in words:
        return True
    if "mfa" not in words:
        return False if unsure is None else unsure
    operator = here.text_of(given(policy.values, "grant_controls", "operator"))
    if len(texts) == 1 or operator == "AND":
        return True
    return Unknown("unsupported", "another control may take the second factor's place")


def _any_of(here: RootIndex, policy: Resource, path: str) -> Answer:
    texts = [here.text_of(value) for value in values_at(policy.values, path)]
    return either(
        text if isinstance(text, Unknown) else str(text).lower() in _APPLICATIONS
        for text in texts
    )


def _listed(here: RootIndex, estate: Estate, policy: Resource, side: str) -> Listed:
    """Whom a policy's lists of one side name."""
    everyone, some = False, set()
    unsure: Unknown | None = None
    for sort in ("users", "groups"):
        for value in values_at(policy.values, f"conditions.users.{side}_{sort}"):
            text = here.text_of(value)
            if isinstance(text, str) and text.lower() == "all":
                everyone = True
                continue
            for who, unknown in principals(here, estate, value, policy):
                some.add(id(who))
                unsure = unknown if unsure is None else unsure
    return Listed(everyone, frozenset(some), unsure)
