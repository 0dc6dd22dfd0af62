"""VPC endpoints as doors: to whose stores their policies let traffic go.

Without a policy an endpoint gives full access to the service, for every account's
stores (Amazon VPC user guide, "Control access to VPC endpoints", 2026-11). What limits
stores are named buckets and the conditions on the owner of the resource; a condition on
the principal limits who goes, not where to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.addresses import NO_ADDRESS, Addresses
from mlsec_lint.estate.networks import Door
from mlsec_lint.estate.wildcards import wildcard
from mlsec_lint.lower.aws.network.groups import PRIVATE, addresses_of, doubt_of, plain
from mlsec_lint.lower.aws.network.resolvers import state_services
from mlsec_lint.lower.aws.network.subnets import SUBNETS, TABLES, VPCS
from mlsec_lint.lower.aws.policy import read_policy
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.aws.network.subnets import Subnets
    from mlsec_lint.lower.aws.policy import Condition, Statement
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

ENDPOINT = "aws_vpc_endpoint"
_POLICY = "aws_vpc_endpoint_policy"
_LINK = "aws_vpc_endpoint_route_table_association"
#: So many endpoints of one subnet are looked at (AWS: 50 interface endpoints a VPC).
MAX_DOORS = 60
#: Services by the end of their name whose stores are those of every account.
_STORAGE = (".s3", ".s3express", ".s3-accesspoint")
#: Conditions that hold only for stores of named owners, in lower case.
_OWNERS = ("aws:resourceorgid", "aws:resourceaccount", "aws:resourceorgpaths",
           "s3:resourceaccount")  # fmt: skip
_WRITES = ("s3:putobject", "s3express:createsession")


class Limit(NamedTuple):
    """Whether a policy limits stores, and the line that says so or does not."""

    truth: Truth
    span: Span


def add_doors(subnets: Subnets) -> None:
    """Give each subnet the endpoints that serve it."""
    here = subnets.here
    by_table: dict[int, list[Door]] = {}
    by_vpc: dict[int, list[Door]] = {}
    inside: dict[int, list[Resource]] = {}
    for endpoint in here.of(ENDPOINT):
        door = _door(subnets, endpoint)
        vpc = subnets.vpc_of(endpoint)
        if vpc is not None:
            inside.setdefault(id(vpc), []).append(endpoint)
        if _is_gateway(here, endpoint):
            _by_tables(subnets, endpoint, door, by_table)
        elif vpc is not None:
            by_vpc.setdefault(id(vpc), []).append(door)
    for vpc in here.of(*VPCS):
        if id(vpc) in subnets.vpcs:
            state_services(here, vpc, subnets.vpc(vpc), inside.get(id(vpc), ()))
    for resource in here.of(*SUBNETS):
        subnet = subnets.estate.networks.subnets.get(here.address(resource))
        if subnet is None:
            continue
        vpc = subnets.vpc_of(resource)
        doors = list(by_vpc.get(id(vpc), ())) if vpc is not None else []
        for table in subnets.tables_of.get(id(resource), ()):
            doors += by_table.get(id(table), ())
        if not subnets.tables_of.get(id(resource)) and vpc is not None:
            doors += by_table.get(id(vpc), ())
        subnet.doors = tuple(dict.fromkeys(doors))[:MAX_DOORS]
        for door in subnet.doors:
            subnets.estate.link(
                subnet.thing, "leads out by", door.thing, door.thing.span
            )


def _is_gateway(here: RootIndex, endpoint: Resource) -> bool:
    """Whether an endpoint is reached by routes; that is the provider's default."""
    kind = here.text_of(given(endpoint.values, "vpc_endpoint_type"))
    return kind is None or kind == "Gateway"


def _by_tables(
    subnets: Subnets, endpoint: Resource, door: Door, by_table: dict[int, list[Door]]
) -> None:
    """The route tables that a gateway endpoint serves; a VPC stands for its main one."""
    here = subnets.here
    listed = values_at(endpoint.values, "route_table_ids")
    named = given(endpoint.values, "route_table_ids")
    if named is not None and named.unknown is not None:
        listed = list(here.each(named))
    index = subnets.groups.index
    for link in index.satellites(here, endpoint, _LINK, "vpc_endpoint_id").found:
        value = given(link.values, "route_table_id")
        if value is not None:
            listed.append(value)
    for value in listed:
        found = here.parents(value, (*TABLES, *VPCS))
        for table in found:
            by_table.setdefault(id(table), []).append(door)
        if not found and value.unknown is not None:
            _perhaps(subnets, endpoint, door, value, by_table)


def _perhaps(
    subnets: Subnets,
    endpoint: Resource,
    door: Door,
    value: Value,
    by_table: dict[int, list[Door]],
) -> None:
    """A table that nobody can tell may be any of the endpoint's VPC."""
    vpc = subnets.vpc_of(endpoint)
    if vpc is None:
        return
    assert value.unknown is not None
    unsure = Door(
        door.thing,
        door.service,
        door.limited,
        door.span,
        door.where,
        door.public,
        plain(value.unknown),
    )
    for table in list(subnets.here.of(*TABLES))[:MAX_DOORS]:
        if subnets.vpc_of(table) is vpc:
            by_table.setdefault(id(table), []).append(unsure)


def _door(subnets: Subnets, endpoint: Resource) -> Door:
    here = subnets.here
    service = here.text_of(given(endpoint.values, "service_name"))
    name = service if isinstance(service, str) else _known_end(service)
    storage = name.endswith(_STORAGE)
    thing = subnets.estate.add(thing_of(here, endpoint, "gateway", "aws"))
    thing.state("type", "storage" if storage else "service")
    by_routes = _is_gateway(here, endpoint)
    if not storage:
        return Door(
            thing, "", limited=True, span=endpoint.span, unknown=doubt_of(endpoint)
        )
    limit = limit_of(subnets, endpoint)
    thing.state("stores.limited", limit.truth, limit.span)
    where = NO_ADDRESS if by_routes else _addresses(subnets, endpoint)
    return Door(
        thing,
        "aws",
        limit.truth,
        limit.span,
        where,
        public=by_routes,
        unknown=doubt_of(endpoint),
    )


def _known_end(service: Unknown | None) -> str:
    """The last known part of a service's name: the region in it may be unknown."""
    parts = service.parts if service is not None else ()
    last = parts[-1] if parts else ""
    return last if isinstance(last, str) else ""


def _addresses(subnets: Subnets, endpoint: Resource) -> Addresses:
    """Where an interface endpoint answers: in its VPC."""
    vpc = subnets.vpc_of(endpoint)
    value = given(vpc.values, "cidr_block") if vpc is not None else None
    if value is None:
        return PRIVATE
    where, doubt = addresses_of(subnets.here, value)
    return PRIVATE if doubt is not None else where


# -- policies -----------------------------------------------------------------------


def limit_of(subnets: Subnets, endpoint: Resource) -> Limit:
    """Whether the policy of a storage endpoint limits the stores it leads to."""
    here = subnets.here
    owner, value = endpoint, given(endpoint.values, "policy")
    joined = subnets.groups.index.satellites(here, endpoint, _POLICY, "vpc_endpoint_id")
    for one in joined.found:
        own = given(one.values, "policy")
        if own is not None:
            owner, value = one, own
    if value is None or value.data == "":
        return Limit(truth=False, span=endpoint.span)
    policy = read_policy(here, value, owner.span)
    at = span_of(value, owner)
    unsure = plain(policy.unknown) if policy.unknown is not None else None
    denied = any(_refuses_others(one) for one in policy.statements)
    if denied and unsure is None:
        return Limit(truth=True, span=at)
    for statement in policy.statements:
        if statement.effect == "Deny":
            continue
        truth = _limited(here, statement)
        if truth is False and statement.effect == "Allow":
            return Limit(truth=False, span=statement.span)
        if truth is not True and unsure is None:
            unsure = truth if isinstance(truth, Unknown) else _doubtful(statement)
    return Limit(truth=True if unsure is None else unsure, span=at)


def _doubtful(one: Statement) -> Unknown:
    effect = one.effect
    if isinstance(effect, Unknown):
        return plain(effect)
    return Unknown("error", "a statement without a known effect", span=one.span)


def _limited(here: RootIndex, one: Statement) -> Truth:
    """Whether a statement that allows lets nothing be written to just anyone's store."""
    if one.unknown is not None:
        return plain(one.unknown)
    writes = _writes(here, one)
    if writes is False:
        return True
    owners = [_of_owners(condition) for condition in one.conditions]
    if any(owner is True for owner in owners):
        return True
    named = _named(here, one)
    if named is True:
        return True
    for truth in (*owners, named, writes):
        if isinstance(truth, Unknown):
            return truth
    return False


def _writes(here: RootIndex, one: Statement) -> Truth:
    """Whether a statement lets objects be put."""
    unsure: Unknown | None = None
    for value in one.actions:
        text = here.text_of(value)
        if isinstance(text, Unknown):
            unsure = unsure if unsure is not None else plain(text)
        elif text is not None and any(wildcard(text.lower(), w) for w in _WRITES):
            return True
    for value in one.not_actions:
        text = here.text_of(value)
        if isinstance(text, str) and any(wildcard(text.lower(), w) for w in _WRITES):
            return False
    if one.not_actions:
        return True
    return False if unsure is None else unsure


def _of_owners(condition: Condition) -> Truth:
    """Whether a condition holds for stores of named owners alone."""
    if not condition.key:
        value = condition.values[0].unknown if condition.values else None
        why = "a condition of the policy is not known"
        return plain(value) if value is not None else Unknown("error", why)
    operator = condition.operator.lower().rpartition(":")[2]
    if condition.key.lower() not in _OWNERS or operator.endswith("ifexists"):
        return False
    if operator not in ("stringequals", "stringlike", "stringequalsignorecase"):
        return False
    return all(value.data != "*" for value in condition.values)


def _refuses_others(one: Statement) -> bool:
    """Whether a statement denies writing to whatever is not of named owners."""
    if one.effect != "Deny" or one.unknown is not None or len(one.conditions) != 1:
        return False
    if one.not_resources or one.not_actions:
        return False
    actions = [v.text() for v in one.actions]
    if not any(isinstance(a, str) and _covers_all(a) for a in actions):
        return False
    if not any(v.text() == "*" for v in one.resources):
        return False
    condition = one.conditions[0]
    operator = condition.operator.lower().rpartition(":")[2].removesuffix("ifexists")
    return condition.key.lower() in _OWNERS and operator.startswith("stringnot")


def _covers_all(action: str) -> bool:
    return action.lower() in ("*", "s3:*", "s3:put*", "s3:putobject", "s3:putobject*")


def _named(here: RootIndex, one: Statement) -> Truth:
    """Whether all resources of a statement are buckets by name."""
    if one.not_resources or not one.resources:
        return False
    unsure: Unknown | None = None
    for value in one.resources:
        text = here.text_of(value)
        if isinstance(text, str):
            if not _is_bucket(text):
                return False
        elif here.parents(value, ("aws_s3_bucket", "data.aws_s3_bucket")):
            continue
        elif isinstance(text, Unknown) and not _starts_named(text):
            unsure = unsure if unsure is not None else plain(text)
    return True if unsure is None else unsure


def _is_bucket(arn: str) -> bool:
    """Whether an ARN names a bucket, or begins with the name of several of one owner."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return False
    if parts[4] not in ("", "*"):
        return True  # an access point of a named account
    return bool(parts[5].partition("/")[0].partition("*")[0].partition("?")[0])


def _starts_named(text: Unknown) -> bool:
    """Whether a partly known ARN certainly begins with a reference to one bucket."""
    if text.symbol is not None:
        return True
    if not text.parts:
        return False
    head = text.parts[0]
    if isinstance(head, Unknown):
        return head.symbol is not None
    return _is_bucket(head) or (len(text.parts) > 1 and _is_reference(text.parts[1]))


def _is_reference(part: object) -> bool:
    return isinstance(part, Unknown) and part.symbol is not None
