"""Policies of an organisation that pin regions: evidence that holds outside of the scan.

One cloud each, for all roots: AWS service control policies that deny by
`aws:RequestedRegion`, the constraint `gcp.resourceLocations`, the Azure policy "Allowed
locations". That a policy is there says nothing of where it is attached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Fact, Thing
from mlsec_lint.lower.aws.policy import read_policy
from mlsec_lint.lower.reading import given, reading, span_of
from mlsec_lint.lower.terraform_index import index_of, values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.aws.policy import Statement
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

ABSENT = "no organisation policy in the scan pins regions"
_CLOUDS = (("aws", "aws_"), ("gcp", "google_"), ("azure", "azurerm_"))
#: Control Tower's controls that deny regions (AWS documentation, 2026-11).
_CONTROLS = ("AWS-GR_REGION_DENY", "CT.MULTISERVICE.PV.1")
_NEGATIVE = ("stringnotequals", "stringnotlike", "stringnotequalsignorecase")
_CONSTRAINT = "gcp.resourceLocations"
_LISTED = (
    "google_organization_policy",
    "google_folder_organization_policy",
    "google_project_organization_policy",
)
#: Built-in definitions "Allowed locations" and the same for resource groups.
_DEFINITIONS = (
    "e56962a6-4747-49cd-b67b-bf8b01975c4c",
    "e765b5de-1225-4ba3-bd56-1ac6695af988",
)
_ASSIGNMENTS = (
    "azurerm_management_group_policy_assignment",
    "azurerm_subscription_policy_assignment",
    "azurerm_resource_group_policy_assignment",
    "azurerm_policy_assignment",
)


def lower_guardrails(inputs: Inputs, estate: Estate) -> None:
    """A cloud thing for each large cloud that the scan uses, with `regions.pinned`."""
    index = index_of(inputs)
    readers: dict[str, Callable[[RootIndex], Iterator[Fact]]] = {
        "aws": _aws,
        "gcp": _gcp,
        "azure": _azure,
    }
    for cloud, prefix in _CLOUDS:
        thing = _cloud(index, estate, cloud, prefix)
        if thing is None:
            continue
        found = [fact for here in index.roots for fact in readers[cloud](here)]
        best = next((f for f in found if f.value is True), None)
        best = best or (found[0] if found else None)
        if best is None:
            thing.state("regions.pinned", value=False, default=ABSENT)
        else:
            thing.state("regions.pinned", best.value, best.span, trail=best.trail)


def _cloud(
    index: TerraformIndex, estate: Estate, cloud: str, prefix: str
) -> Thing | None:
    """The cloud, at its first provider block, else at the first resource in it.

    First by file and line: a plan lists its resources in another order.
    """
    places = [
        (here.root.library, resource.provider.span or resource.span)
        for here in index.roots
        for resource in here.root.resources
        if resource.type.startswith(prefix) and resource.mode == "managed"
    ]
    library, span = min(
        places, key=lambda p: (p[0], p[1].sort_key()), default=(False, None)
    )
    if span is None:
        return None
    thing = Thing("cloud", f"cloud:{cloud}", f"cloud {cloud}", span, cloud)
    thing.library = library
    return estate.add(thing)


# -- AWS ------------------------------------------------------------------------


def _aws(here: RootIndex) -> Iterator[Fact]:
    for policy in here.of("aws_organizations_policy"):
        kind = given(policy.values, "type")
        if kind is not None and kind.data not in (
            "SERVICE_CONTROL_POLICY",
            "RESOURCE_CONTROL_POLICY",
        ):
            continue
        content = given(policy.values, "content")
        if content is not None:
            yield from _control_policy(here, policy, content)
    for control in here.of("aws_controltower_control"):
        name = given(control.values, "control_identifier")
        text = here.text_of(name)
        if name is not None and isinstance(text, str) and text.endswith(_CONTROLS):
            yield reading(name, control, data=True)


def _control_policy(
    here: RootIndex, policy: Resource, content: Value
) -> Iterator[Fact]:
    read = read_policy(here, content, policy.span)
    if read.unknown is not None:
        yield Fact(read.unknown, span_of(content, policy), content.trail)
    for statement in read.statements:
        if statement.effect == "Deny" and _by_region(statement):
            yield Fact(value=True, span=statement.span)


def _by_region(statement: Statement) -> bool:
    """Whether a denial spares only what is asked for in some regions."""
    for condition in statement.conditions:
        operator = condition.operator.lower().rpartition(":")[2]
        operator = operator.removesuffix("ifexists")
        if condition.key.lower() == "aws:requestedregion" and operator in _NEGATIVE:
            return True
    return False


# -- Google Cloud ---------------------------------------------------------------


def _gcp(here: RootIndex) -> Iterator[Fact]:
    for policy in here.of("google_org_policy_policy"):
        name = here.text_of(given(policy.values, "name"))
        if _named(name):
            allowed = values_at(policy.values, "spec.rules.values.allowed_values")
            yield from _listed(policy, allowed)
    for kind in _LISTED:
        for policy in here.of(kind):
            name = here.text_of(given(policy.values, "constraint"))
            if _named(name):
                allowed = values_at(policy.values, "list_policy.allow.values")
                yield from _listed(policy, allowed)


def _named(name: str | Unknown | None) -> bool:
    """Whether a policy is for the constraint; the project in front may be unknown."""
    if isinstance(name, Unknown):
        last = name.parts[-1] if name.parts else ""
        return isinstance(last, str) and last.endswith(_CONSTRAINT)
    return name is not None and name.endswith(_CONSTRAINT)


def _listed(policy: Resource, allowed: list[Value]) -> Iterator[Fact]:
    if allowed:
        yield reading(allowed[0], policy, data=True)


# -- Azure ----------------------------------------------------------------------


def _azure(here: RootIndex) -> Iterator[Fact]:
    for kind in _ASSIGNMENTS:
        for assignment in here.of(kind):
            value = given(assignment.values, "policy_definition_id")
            if value is None:
                continue
            text = here.text_of(value)
            if (isinstance(text, str) and text.endswith(_DEFINITIONS)) or _looked_up(
                here, value
            ):
                yield reading(value, assignment, data=True)


def _looked_up(here: RootIndex, value: Value) -> bool:
    """Whether a data source finds the definition by its display name."""
    types = (
        "data.azurerm_policy_definition",
        "data.azurerm_policy_definition_built_in",
    )
    for source in here.parents(value, types):
        for name in ("display_name", "name"):
            text = here.text_of(given(source.values, name))
            if isinstance(text, str) and (
                text.lower().startswith("allowed locations") or text in _DEFINITIONS
            ):
                return True
    return False
