"""terraform-aws-modules vpc and security-group by their inputs.

Read: vpc 3.0 to 6.6, security-group 4.0 to 5.3, 2026-11. Of a VPC its range, its subnets
with their routes (aws_routes.py) and its flow log; of a security group what comes in and
goes out by address range. Does not model: endpoints; rules by group.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.modules.aws_routes import add_subnets
from mlsec_lint.lower.modules.building import (
    Builder,
    Expansion,
    Module,
    entries_of,
    switched_off,
)

if TYPE_CHECKING:
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value


def _vpc(make: Builder) -> Expansion:
    create = make.input("create_vpc")
    if switched_off(create):
        return Expansion((), {})
    vpc = make.resource(
        "aws_vpc.this[0]",
        "aws",
        create,
        cidr_block=make.or_default("cidr", "10.0.0.0/16"),
        region=make.input("region"),
        tags=make.input("tags"),
    )
    outputs = {
        "vpc_id": (vpc, "id"),
        "vpc_arn": (vpc, "arn"),
        "vpc_cidr_block": (vpc, "cidr_block"),
    }
    made = [vpc]
    flow = make.input("enable_flow_log")
    if flow is not None and not switched_off(flow):
        kind = make.or_default("flow_log_traffic_type", "ALL")
        of = make.reference(vpc, "id")
        log = make.resource(
            "aws_flow_log.this[0]", "aws", flow, vpc_id=of, traffic_type=kind
        )
        made.append(log)
    made += add_subnets(make, vpc, outputs)
    return Expansion(tuple(made), outputs)


#: The module's own rules by name, as far as they matter for shares and clusters:
#: first port, last port, protocol (rules.tf of 5.3).
_RULES = {
    "all-all": (-1, -1, "-1"),
    "all-tcp": (0, 65535, "tcp"),
    "http-80-tcp": (80, 80, "tcp"),
    "https-443-tcp": (443, 443, "tcp"),
    "nfs-tcp": (2049, 2049, "tcp"),
    "ssh-tcp": (22, 22, "tcp"),
}


def _group(make: Builder) -> Expansion:
    create, prefixed = make.input("create"), make.input("use_name_prefix")
    if switched_off(create) or switched_off(make.input("create_sg")):
        return Expansion((), {})
    name = "this" if switched_off(prefixed) else "this_name_prefix"
    group = make.resource(
        f"aws_security_group.{name}[0]",
        "aws",
        create,
        name=make.input("name") if name == "this" else None,
        vpc_id=make.input("vpc_id"),
        tags=make.input("tags"),
    )
    outputs = {"security_group_id": (group, "id"), "security_group_arn": (group, "arn")}
    return Expansion((group, *_named(make, group), *_mapped(make, group)), outputs)


_WAYS = tuple((w, f"{c}{w}") for w in ("ingress", "egress") for c in ("", "computed_"))


def _ranges(make: Builder, way: str) -> Value | None:
    """The ranges of rules that name none: for what goes out everything."""
    asked = make.input(f"{way}_cidr_blocks")
    if way == "ingress" or asked is not None:
        return asked
    everywhere = make.default("egress_cidr_blocks", "0.0.0.0/0")
    return everywhere.replace(data=(everywhere,))


def _named(make: Builder, group: Resource) -> list[Resource]:
    """Rules by name, all for the ranges of `ingress_cidr_blocks` or `egress_...`."""
    found = []
    for way, start in _WAYS:
        source = f"{start}_rules"
        for number, rule in enumerate(entries_of(make.input(source))):
            found.append(
                _rule(
                    make,
                    group,
                    f"{source}[{number}]",
                    _ports(make, rule),
                    _ranges(make, way),
                    way,
                )
            )
    return found


_Ports = tuple[dict[str, "Value"], "Value | None"]


def _ports(make: Builder, rule: Value | None) -> _Ports:
    """The ports of a rule by its name; a name that is not in the table may be any."""
    known = (
        _RULES.get(rule.data)
        if rule is not None and isinstance(rule.data, str)
        else None
    )
    if known is None:
        return {}, make.unknown("the ports of this rule of the module are not known")
    first, last, protocol = known
    return {
        "from_port": make.fixed(first),
        "to_port": make.fixed(last),
        "protocol": make.fixed(protocol),
    }, None


def _mapped(make: Builder, group: Resource) -> list[Resource]:
    """Rules as maps: ports of their own or of a named rule, ranges with commas."""
    found = []
    for way, start in _WAYS:
        source = f"{start}_with_cidr_blocks"
        for number, entry in enumerate(entries_of(make.input(source))):
            ports, unsure = _own_ports(make, entry)
            ranges = entry.get("cidr_blocks")
            ranges = _ranges(make, way) if ranges is None else _split(ranges)
            where = f"{source}[{number}]"
            found.append(_rule(make, group, where, (ports, unsure), ranges, way))
    return found


def _own_ports(make: Builder, entry: Value) -> _Ports:
    names = ("from_port", "to_port", "protocol")
    given = {name: value for name in names if (value := entry.get(name)) is not None}
    if len(given) == len(names):
        return given, None
    ports, unsure = _ports(make, entry.get("rule"))
    return {**ports, **given}, unsure


def _split(ranges: Value) -> Value:
    if not isinstance(ranges.data, str):
        return ranges
    each = (text.strip() for text in ranges.data.split(","))
    return ranges.replace(data=tuple(ranges.replace(data=t) for t in each if t))


def _rule(
    make: Builder,
    group: Resource,
    where: str,
    ports: _Ports,
    ranges: Value | None,
    way: str,
) -> Resource:
    values, unsure = ports
    return make.resource(
        f"aws_security_group_rule.{where}",
        "aws",
        unsure,
        security_group_id=make.reference(group, "id"),
        type=make.fixed(way),
        cidr_blocks=ranges,
        **values,
    )


AWS_VPC = Module(
    ("terraform-aws-modules/vpc/aws", "terraform-aws-modules/terraform-aws-vpc"),
    "3.0 to 6.6",
    6,
    _vpc,
)
AWS_SECURITY_GROUP = Module(
    (
        "terraform-aws-modules/security-group/aws",
        "terraform-aws-modules/terraform-aws-security-group",
    ),
    "4.0 to 5.3",
    5,
    _group,
)
