"""Firewall rules and templates of Google Cloud by themselves, whoever lies behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.networks import Filter, Guard
from mlsec_lint.estate.policy import Applied
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.gcp.network.firewalls import FIREWALL, plain
from mlsec_lint.lower.reading import blocks, given, span_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.gcp.network.firewalls import Firewalls
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource

_TEMPLATES = (
    "google_compute_instance_template",
    "google_compute_region_instance_template",
    "google_compute_instance_from_template",
)


def add_guards(firewalls: Firewalls, estate: Estate) -> None:
    """Keep every firewall rule of a root."""
    here = firewalls.here
    for rule in here.of(FIREWALL):
        thing = thing_of(here, rule, "network", "gcp")
        policy = firewalls.outward(rule)
        filters: tuple[Filter, ...] = ()
        if policy is not None:
            applied = (Applied(policy, truth=True),)
            filters = (Filter(applied, thing.name, rule.span),)
        admin = tuple(firewalls.opens(rule))
        estate.networks.guards.append(Guard(thing, admin, filters))
    for template in here.of(*_TEMPLATES):
        public = tuple(_public(template))
        if public:
            thing = thing_of(here, template, "network", "gcp")
            estate.networks.guards.append(Guard(thing, also=public))


def _public(template: Resource) -> Iterator[tuple[str, Truth, Span]]:
    for card in blocks(template.values, "network_interface"):
        shown = given(card, "access_config")
        if shown is None or shown.data == ():
            continue
        truth: Truth = True if shown.unknown is None else plain(shown.unknown)
        inner = shown.elements()
        span = inner[0].entry() if inner else None
        yield "address.public", truth, span or span_of(shown, template)
