"""Whose network lies behind a peering, transit gateway or VPN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.copy_accounts import own_accounts
from mlsec_lint.lower.reading import given
from mlsec_lint.lower.terraform_index import symbol_of, type_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_PEERING = "aws_vpc_peering_connection"
_ACCEPTER = "aws_vpc_peering_connection_accepter"
_TRANSIT = "aws_ec2_transit_gateway"
_TRANSIT_PEERING = "aws_ec2_transit_gateway_peering_attachment"


def account_behind(
    index: TerraformIndex, here: RootIndex, resource: Resource
) -> tuple[str | Unknown, Unknown | None]:
    """The account at the other end ("" for the own one), and why more is not known."""
    match resource.type:
        case "aws_vpc_peering_connection":
            return _owner(here, given(resource.values, "peer_owner_id")), None
        case "aws_vpc_peering_connection_accepter":
            named = given(resource.values, "vpc_peering_connection_id")
            if here.parents(named, (_PEERING,)):
                return "", None
            text = "who asked for the peering is not in the scan"
            return Unknown("resource", text, span=resource.span), None
        case "aws_ec2_transit_gateway":
            why = Unknown(
                "unsupported",
                f"where {resource.address} leads to is not followed",
                span=resource.span,
            )
            name = "transit_gateway_id"
            for peer in index.satellites(here, resource, _TRANSIT_PEERING, name).found:
                owner = _owner(here, given(peer.values, "peer_account_id"))
                if owner != "":
                    return owner, why
            return "", why
        case "aws_internet_gateway" | "aws_egress_only_internet_gateway":
            return "", None
    return "", Unknown(
        "unsupported", f"where {resource.address} leads to is not in the scan"
    )


def _owner(here: RootIndex, value: Value | None) -> str | Unknown:
    """The account that an argument names; "" for the provider's own."""
    if value is None or value.data == "":
        return ""
    symbol = symbol_of(value)
    if symbol is not None:
        found = here.resolve(symbol)
        name = type_of(found) if found is not None else symbol.address
        if "aws_caller_identity" in name or name in ("aws_vpc", "aws_default_vpc"):
            return ""
    text = here.text_of(value)
    if isinstance(text, Unknown):
        return text._replace(possible=None, parts=())
    return "" if text is None or text in own_accounts(here) else text
