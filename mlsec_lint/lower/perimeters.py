"""Data perimeters around what holds weights: evidence that holds where a grant is wrong.

AWS: policies of the organisation that deny by the organisation of the caller or of the
resource. Google Cloud: VPC service perimeters in force for storage, with the projects
of weight stores inside. Azure: network security perimeters that are enforced, else the
network rules of the accounts. One cloud thing each, for all roots.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Fact
from mlsec_lint.lower.aws.policy import read_policy
from mlsec_lint.lower.gcp.grants.scopes import project_of
from mlsec_lint.lower.gcp.grants.texts import hole, project_name, same, shown, told
from mlsec_lint.lower.reading import (
    blocks,
    given,
    maybe_absent,
    put_also,
    reading,
    span_of,
)
from mlsec_lint.lower.terraform_index import index_of, values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.aws.policy import Statement
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_FACT = "perimeter.closed"
_ABSENT = "no data perimeter in the scan"
#: Conditions by which policies of an organisation make a perimeter (AWS, "Building a data
#: perimeter on AWS", 2026-11).
_KEYS = (
    *("aws:principalorgid", "aws:resourceorgid", "aws:principalorgpaths"),
    *("aws:resourceorgpaths", "aws:sourceorgid", "aws:resourceaccount"),
    "aws:principalaccount",
)
_STORAGE = "storage.googleapis.com"
_PERIMETER = "google_access_context_manager_service_perimeter"
_MANY = f"{_PERIMETER}s"
_INSIDE = f"{_PERIMETER}_resource"
_NSP = "microsoft.network/networksecurityperimeters"
_ASSOCIATION = "azurerm_network_security_perimeter_association"


def lower_perimeters(inputs: Inputs, estate: Estate) -> None:
    """State `perimeter.closed` of the clouds that the scan uses."""
    index = index_of(inputs)
    for cloud in estate.of("cloud"):
        match cloud.provider:
            case "aws":
                found = [f for here in index.roots for f in _aws(here)]
            case "gcp":
                found = _gcp(index, estate)
            case "azure":
                found = [f for here in index.roots for f in _azure(here)]
                found = found or _accounts(estate)
            case _:
                continue
        if any(fact.value is True for fact in found) and cloud.provider == "aws":
            found = [fact for fact in found if fact.value is True]
        for fact in found:
            put_also(cloud, _FACT, fact)
        if not found:
            cloud.state(_FACT, value=False, default=_ABSENT)


# -- AWS ------------------------------------------------------------------------


def _aws(here: RootIndex) -> Iterator[Fact]:
    for policy in here.of("aws_organizations_policy"):
        content = given(policy.values, "content")
        kind = given(policy.values, "type")
        sort = "SERVICE_CONTROL_POLICY" if kind is None else kind.data
        if content is None or sort not in (
            "SERVICE_CONTROL_POLICY",
            "RESOURCE_CONTROL_POLICY",
        ):
            continue
        read = read_policy(here, content, policy.span)
        if read.unknown is not None:
            yield Fact(read.unknown, span_of(content, policy), content.trail)
        for statement in read.statements:
            if statement.effect == "Deny" and _perimeter(statement):
                yield maybe_absent(policy, Fact(value=True, span=statement.span))


def _perimeter(statement: Statement) -> bool:
    """Whether a denial spares only what stays within the organisation or account."""
    for condition in statement.conditions:
        operator = condition.operator.lower().rpartition(":")[2]
        if condition.key.lower() in _KEYS and "not" in operator:
            return True
    return False


# -- Google Cloud ---------------------------------------------------------------


def _gcp(index: TerraformIndex, estate: Estate) -> list[Fact]:
    """What perimeters say, then each project with weights that none holds for certain."""
    facts: list[Fact] = []
    inside: list[str] = []
    spans = []  # of perimeters that close something
    for here in index.roots:
        for owner, block in _perimeters(here):
            found, projects = _one(here, owner, block)
            facts += found
            if found and all(fact.value is not False for fact in found):
                spans.append(owner.span)
                inside += projects
        for link in here.of(_INSIDE):
            inside.append(_member(here, given(link.values, "resource")))
    if spans:
        for project in _weight_projects(index, estate):
            truths = [same(one, project) for one in inside]
            if True in truths:
                continue
            why = f"whether a perimeter holds the project {shown(project)} is not known"
            unsure = None in truths or "\0" in project
            value = Unknown("resource", why, span=spans[0]) if unsure else False
            facts.append(Fact(value, spans[0]))
    return facts


def _perimeters(here: RootIndex) -> Iterator[tuple[Resource, Value]]:
    for owner in here.of(_PERIMETER):
        yield owner, owner.values
    for owner in here.of(_MANY):
        for block in blocks(owner.values, "service_perimeters"):
            yield owner, block


def _one(
    here: RootIndex, owner: Resource, block: Value
) -> tuple[list[Fact], list[str]]:
    """What one perimeter says of storage, and the projects in it."""
    kind = here.text_of(given(block, "perimeter_type"))
    if kind == "PERIMETER_TYPE_BRIDGE":
        return [], []
    status = blocks(block, "status")
    if not status:
        dry = given(block, "use_explicit_dry_run_spec") or given(block, "spec")
        span = dry.entry() if dry is not None else None
        return [Fact(value=False, span=span or owner.span)], []
    facts: list[Fact] = []
    projects: list[str] = []
    for part in status:
        if part.unknown is not None:
            return [reading(part, owner, part.unknown)], []
        projects += [_member(here, v) for v in values_at(part, "resources")]
        facts.append(_storage(here, owner, part))
        facts += _ways_out(here, owner, part)
    return [maybe_absent(owner, fact) for fact in facts], projects


def _storage(here: RootIndex, owner: Resource, status: Value) -> Fact:
    """Whether storage is among the services that a perimeter restricts."""
    listed = given(status, "restricted_services")
    if listed is None:
        return Fact(value=False, span=owner.span)
    names = [here.text_of(value) for value in values_at(status, "restricted_services")]
    if _STORAGE in names:
        return reading(listed, owner, data=True)
    unknown = next((n for n in names if isinstance(n, Unknown)), listed.unknown)
    return reading(listed, owner, False if unknown is None else unknown)


def _ways_out(here: RootIndex, owner: Resource, status: Value) -> Iterator[Fact]:
    """Egress policies that let storage out to every project."""
    for policy in blocks(status, "egress_policies"):
        to = given(policy, "egress_to")
        services = [
            here.text_of(v)
            for v in values_at(policy, "egress_to.operations.service_name")
        ]
        named = all(isinstance(name, str) for name in services)
        if services and named and not {_STORAGE, "*"} & set(services):
            continue
        for value in values_at(to, "resources") if to is not None else ():
            text = here.text_of(value)
            if text == "*":
                yield reading(value, owner, data=False)
            elif isinstance(text, Unknown) and not text.parts and text.symbol is None:
                yield reading(value, owner, text._replace(possible=None))


def _member(here: RootIndex, value: Value | None) -> str:
    """A project of a perimeter (`projects/NUMBER`) by its id where a project is declared."""
    name = project_name(told(here, value))
    for kind in ("google_project", "data.google_project"):
        for owner in here.of(kind):
            if name == hole(owner.address, here.prefix):
                stated = told(here, given(owner.values, "project_id"))
                return project_name(stated) or name
    return name


def _weight_projects(index: TerraformIndex, estate: Estate) -> list[str]:
    found: dict[str, None] = {}
    for here in index.roots:
        for bucket in here.of("google_storage_bucket"):
            store = estate.find("store", here.address(bucket))
            held = store.fact("weights.held") if store is not None else None
            if held is not None and held.value is True:
                found[project_of(here, bucket) or "\0\0"] = None
    return list(found)


# -- Azure ----------------------------------------------------------------------


def _azure(here: RootIndex) -> Iterator[Fact]:
    """Network security perimeters: enforced associations, others only learn."""
    for link in here.of(_ASSOCIATION):
        yield _mode(here, link, given(link.values, "access_mode"))
    for link in here.of("azapi_resource"):
        text = told(here, given(link.values, "type")).lower()
        if text.startswith(f"{_NSP}/resourceassociations"):
            yield _mode(
                here, link, given(link.values, "body", "properties", "accessMode")
            )


def _mode(here: RootIndex, link: Resource, value: Value | None) -> Fact:
    if value is None:
        return maybe_absent(link, Fact(value=False, span=link.span))
    text = here.text_of(value)
    enforced = text if isinstance(text, Unknown) else text == "Enforced"
    return maybe_absent(link, reading(value, link, enforced))


def _accounts(estate: Estate) -> list[Fact]:
    """Without a perimeter: the network rules of the accounts with weights."""
    found: list[Fact] = []
    for store in estate.of("store"):
        held = store.fact("weights.held")
        network = store.fact("public.network")
        if store.provider != "azure" or held is None or held.value is not True:
            continue
        if network is not None and network.value is not True:
            value = network.value if isinstance(network.value, Unknown) else True
            found.append(Fact(value, network.span, network.trail))
        elif network is not None:
            found.append(Fact(value=False, span=network.span, trail=network.trail))
    return found
