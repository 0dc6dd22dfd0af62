"""The resolver of a Google Cloud network: whether somebody watches or limits names.

A network's resolver answers for any name. A response policy can refuse names, and a
server policy with logging records what is asked (Cloud DNS, 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_POLICY = "google_dns_policy"
_RESPONSES = "google_dns_response_policy"
_RULE = "google_dns_response_policy_rule"


def state_resolver(
    index: TerraformIndex, here: RootIndex, net: Resource, thing: Thing
) -> None:
    """State whether the resolver of a network answers for any name, unwatched."""
    name = "networks.network_url"
    for policy in index.satellites(here, net, _RESPONSES, name).found:
        for rule in index.satellites(here, policy, _RULE, "response_policy").found:
            if here.text_of(given(rule.values, "dns_name")) == "*.":
                thing.state("dns.open", value=False, span=rule.span)
                return
    unsure: Unknown | None = None
    for policy in index.satellites(here, net, _POLICY, name).found:
        logged = given(policy.values, "enable_logging")
        truth = logged.boolean() if logged is not None else False
        if truth is True and logged is not None:
            thing.state("dns.open", value=False, span=span_of(logged, policy))
            return
        if isinstance(truth, Unknown):
            unsure = truth._replace(possible=None, parts=())
    if unsure is not None:
        thing.state("dns.open", unsure)
        return
    words = "Cloud DNS: a network's resolver answers for any name"
    thing.state("dns.open", value=True, default=words)
