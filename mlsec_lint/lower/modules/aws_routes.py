"""Subnets of terraform-aws-modules/vpc, their route tables and what those lead to.

Read: 3.0 to 6.6, 2026-11. Does not model: IPv6, network ACLs of its own, several NAT
gateways and tables of a sort (one stands for all).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.modules.building import (
    Builder,
    entries_of,
    switched_off,
    switched_on,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_SORTS = ("private", "public", "intra", "database")
#: Since this major public subnets give no public addresses unless asked.
_NO_ADDRESSES = 4
#: Sorts with a way through NAT -> the switches beside `enable_nat_gateway`.
_NAT: dict[str, tuple[str, ...]] = {
    "private": (),
    "database": ("create_database_nat_gateway_route",),
}

Outputs = dict[str, tuple["Resource", str]]


def add_subnets(make: Builder, vpc: Resource, outputs: Outputs) -> Iterator[Resource]:
    """The subnets of each sort, their route table and the gateways that it leads to."""
    zones = make.input("azs")
    listed = zones.elements() if zones is not None else ()
    create = make.input("create_vpc")
    for sort in _SORTS:
        blocks = entries_of(make.input(f"{sort}_subnets"))
        if not blocks:
            continue
        table = make.resource(
            f"aws_route_table.{sort}[0]",
            "aws",
            create,
            vpc_id=make.reference(vpc, "id"),
        )
        outputs[f"{sort}_route_table_ids.0"] = (table, "id")
        yield table
        yield from _routes(make, vpc, sort, table)
        for number, block in enumerate(blocks):
            subnet = make.resource(
                f"aws_subnet.{sort}[{number}]",
                "aws",
                block if block.unknown is not None else create,
                vpc_id=make.reference(vpc, "id"),
                cidr_block=block,
                availability_zone=listed[number % len(listed)] if listed else zones,
                map_public_ip_on_launch=_addresses(make) if sort == "public" else None,
            )
            outputs[f"{sort}_subnets.{number}"] = (subnet, "id")
            yield subnet
            yield make.resource(
                f"aws_route_table_association.{sort}[{number}]",
                "aws",
                subnet_id=make.reference(subnet, "id"),
                route_table_id=make.reference(table, "id"),
            )


def _addresses(make: Builder) -> Value:
    """Whether public subnets give public addresses."""
    asked = make.input("map_public_ip_on_launch")
    if asked is not None:
        return asked
    older = {major < _NO_ADDRESSES for major in make.majors}
    if len(older) == 1:
        return make.default("map_public_ip_on_launch", older.pop())
    return make.unknown("whether public subnets give addresses depends on its version")


def _routes(
    make: Builder, vpc: Resource, sort: str, table: Resource
) -> Iterator[Resource]:
    """The default route of public subnets, and of those behind NAT."""
    if sort == "public":
        yield from _public(make, vpc, table)
    if sort not in _NAT:
        return
    switch = make.input("enable_nat_gateway")
    asked = [switch, *(make.input(name) for name in _NAT[sort])]
    if not all(switched_on(one) for one in asked):
        return
    unsure = next((v for v in asked if v is not None and v.unknown is not None), switch)
    number = 0 if sort == "private" else 1
    gateway = make.resource(f"aws_nat_gateway.this[{number}]", "aws", unsure)
    yield gateway
    where = make.or_default("nat_gateway_destination_cidr_block", "0.0.0.0/0")
    if switch is not None:
        where = where.replace(span=switch.span, key=switch.key, trail=switch.trail)
    yield make.resource(
        f"aws_route.{sort}_nat_gateway[0]",
        "aws",
        unsure,
        route_table_id=make.reference(table, "id"),
        destination_cidr_block=where,
        nat_gateway_id=make.reference(gateway, "id"),
    )


def _public(make: Builder, vpc: Resource, table: Resource) -> Iterator[Resource]:
    switch = make.input("create_igw")
    if switched_off(switch):
        return
    gateway = make.resource(
        "aws_internet_gateway.this[0]",
        "aws",
        switch,
        vpc_id=make.reference(vpc, "id"),
    )
    yield gateway
    yield make.resource(
        "aws_route.public_internet_gateway[0]",
        "aws",
        switch,
        route_table_id=make.reference(table, "id"),
        destination_cidr_block=make.fixed("0.0.0.0/0"),
        gateway_id=make.reference(gateway, "id"),
    )
