"""The resolver of a VPC, and which services it reaches by private endpoints.

The resolver at the base of a VPC answers for any name of the internet, whatever its
routes are, unless it is switched off or a DNS firewall blocks what it does not allow
(Route 53 Resolver DNS Firewall, 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_ASSOCIATION = "aws_route53_resolver_firewall_rule_group_association"
_GROUP = "aws_route53_resolver_firewall_rule_group"
_RULE = "aws_route53_resolver_firewall_rule"
_DOMAINS = "aws_route53_resolver_firewall_domain_list"
#: Services that weight compute needs, by the ends of endpoint names.
_NEEDED = ("s3", "ecr.api", "ecr.dkr", "kms", "sts")


def state_resolver(
    index: TerraformIndex, here: RootIndex, vpc: Resource, thing: Thing
) -> None:
    """State whether the resolver of a VPC answers for any name."""
    support = given(vpc.values, "enable_dns_support")
    truth = support.boolean() if support is not None else True
    if support is not None and truth is False:
        thing.state("dns.open", value=False, span=span_of(support, vpc))
        return
    found = index.satellites(here, vpc, _ASSOCIATION, "vpc_id")
    unsure: Unknown | None = None
    for link in found.found:
        blocked = _blocks(index, here, link)
        if blocked is True:
            thing.state("dns.open", value=False, span=link.span)
            return
        if isinstance(blocked, Unknown):
            unsure = blocked
    words = "Amazon VPC: the resolver answers for any name"
    if unsure is not None:
        thing.state("dns.open", unsure, vpc.span)
    else:
        thing.state("dns.open", value=True, span=vpc.span, default=words)


def _blocks(index: TerraformIndex, here: RootIndex, link: Resource) -> bool | Unknown:
    """Whether a group of DNS rules blocks every name that it does not allow."""
    named = given(link.values, "firewall_rule_group_id")
    groups = here.parents(named, (_GROUP,))
    if not groups:
        why = "the group of DNS rules is not in the scan"
        return Unknown("resource", why, span=link.span)
    for rule in index.satellites(
        here, groups[0], _RULE, "firewall_rule_group_id"
    ).found:
        if here.text_of(given(rule.values, "action")) != "BLOCK":
            continue
        lists = here.parents(given(rule.values, "firewall_domain_list_id"), (_DOMAINS,))
        for one in lists:
            domains = given(one.values, "domains")
            texts = [here.text_of(v) for v in domains.elements()] if domains else []
            if any(text in ("*", "*.") for text in texts):
                return True
    return False


def state_services(
    here: RootIndex, vpc: Resource, thing: Thing, endpoints: Iterable[Resource]
) -> None:
    """State whether storage, registry, keys and tokens answer inside a VPC."""
    names: list[str] = []
    for endpoint in endpoints:
        text = here.text_of(given(endpoint.values, "service_name"))
        if isinstance(text, Unknown):
            last = text.parts[-1] if text.parts else None
            if not isinstance(last, str):
                why = "which service an endpoint leads to is not known"
                unsure = Unknown("variable", why, span=endpoint.span)
                thing.state("services.private", unsure, endpoint.span)
                return
            names.append(last)
        elif text is not None:
            names.append(text)
    missing = [one for one in _NEEDED if not any(n.endswith(f".{one}") for n in names)]
    words = f"no endpoint for {', '.join(missing)}" if missing else ""
    thing.state("services.private", not missing, vpc.span, default=words)
