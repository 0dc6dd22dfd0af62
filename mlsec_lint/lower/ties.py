"""What ties a scan to another operator, or to a sovereign part of a cloud.

Provider blocks, ARNs of another partition, image hosts, and URIs of other clouds'
stores. The three large clouds themselves are no ties: only their sovereign parts are.
Whether weights are handled beside a tie is traced in trace/together.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.estate.hosts import place_of_host
from mlsec_lint.estate.places import legal_home, seat, seat_is_sure
from mlsec_lint.lower.reading import given
from mlsec_lint.lower.terraform_index import index_of
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.estate.hosts import HostPlace
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import ProviderUse
    from mlsec_lint.value import Value

#: Terraform providers of other operators, by local name; registry names, 2026-11.
PROVIDERS = {
    "alicloud": "alibaba",
    "huaweicloud": "huawei",
    "tencentcloud": "tencent",
    "oci": "oci",
    "ibm": "ibm",
    "digitalocean": "digitalocean",
    "linode": "linode",
    "vultr": "vultr",
    "ovh": "ovh",
    "scaleway": "scaleway",
    "hcloud": "hetzner",
    "nebius": "nebius",
    "coreweave": "coreweave",
}
#: Schemes of stores that only one operator has.
SCHEMES = {"oss": "alibaba", "cos": "tencent", "obs": "huawei"}
_LARGE = ("aws", "gcp", "azure")
_ARN = regex(r"\barn:(aws-cn|aws-iso[a-z-]*|aws-eusc):")
_UNIVERSE = "googleapis.com"
_MOST_VALUES = 100_000
#: Texts that were encoded from a value whose parts have spans of their own.
_ENCODED = ("json", "yaml", "base64")


def lower_ties(inputs: Inputs, estate: Estate) -> None:
    """Add every tie that providers, ARNs, image hosts and URIs state."""
    for here in index_of(inputs).roots:
        for use in here.root.providers:
            _provider(here, use, estate)
        _arns(here, estate)
    for container in estate.of("container"):
        _host(estate, container, "image.registry")
    for upload in estate.of("upload"):
        _host(estate, upload, "destination.host")
    for store in estate.of("store"):
        scheme = store.address.partition("://")[0]
        if scheme in SCHEMES:
            tie = _operator(estate, store.address, SCHEMES[scheme], store.span)
            estate.link(store, "leads to", tie, store.span)


def _add(
    estate: Estate, where: str, other: str, span: Span, here: RootIndex | None
) -> Thing:
    tie = Thing("tie", f"{where}#{other}", f"{other} at {where}", span)
    if here is not None:
        tie.provider = "terraform"
        tie.root, tie.library = here.root.path, here.root.library
    return estate.add(tie)


def _operator(
    estate: Estate,
    where: str,
    operator: str,
    span: Span,
    here: RootIndex | None = None,
) -> Thing:
    """A tie to another operator; its seat is not known where only memory says so."""
    tie = _add(estate, where, operator, span, here)
    tie.state("operator", operator, span)
    country = seat(operator)
    if country and seat_is_sure(operator):
        tie.state("operator.seat", (country,), span)
    elif country:
        why = f"the table of operators has {operator} in {country}, with low confidence"
        tie.state("operator.seat", Unknown("unsupported", why, span=span), span)
    return tie


def _part(
    estate: Estate, where: str, part: str, span: Span, here: RootIndex | None = None
) -> Thing:
    """A tie to a sovereign part of a large cloud."""
    tie = _add(estate, where, part, span, here)
    tie.state("partition", part, span)
    return tie


def _provider(here: RootIndex, use: ProviderUse, estate: Estate) -> None:
    name = use.source.rpartition("/")[2] or use.name
    label = f"{here.prefix}provider.{use.name}"
    where = f"{label}.{use.alias}" if use.alias else label
    operator = PROVIDERS.get(name) or PROVIDERS.get(use.name)
    if operator is not None and use.span is not None:
        _operator(estate, where, operator, use.span, here)
        return
    for value, part in _parts(here, name, use):
        span = value.entry() or use.span
        if part and span is not None:
            _part(estate, where, part, span, here)


def _parts(here: RootIndex, name: str, use: ProviderUse) -> Iterator[tuple[Value, str]]:
    """The argument of a provider block that names a sovereign part, and which it is."""
    if name == "aws":
        region = given(use.values, "region")
        text = here.text_of(region)
        if region is not None and isinstance(text, str):
            part = legal_home("aws", text)
            yield region, "" if part == "aws" else part
    elif name == "azurerm":
        environment = given(use.values, "environment")
        if environment is not None and here.text_of(environment) == "china":
            yield environment, "azure-china"
    elif name in ("google", "google-beta"):
        universe = given(use.values, "universe_domain")
        text = here.text_of(universe)
        if universe is not None and isinstance(text, str) and text != _UNIVERSE:
            yield universe, f"gcp-{text}"


def _arns(here: RootIndex, estate: Estate) -> None:
    """The first ARN of each other partition in a root's resources."""
    seen: set[str] = set()
    budget = _MOST_VALUES
    for resource in here.root.resources:
        for value in _texts(resource.values):
            budget -= 1
            assert isinstance(value.data, str)
            match = _ARN.search(value.data) if "arn:aws-" in value.data else None
            if match is None or match[1] in seen:
                continue
            seen.add(match[1])
            part = "aws-iso" if match[1].startswith("aws-iso") else match[1]
            span = value.entry() or resource.span
            _part(estate, here.address(resource), part, span, here)
        if budget < 0:
            return


def _texts(value: Value) -> Iterator[Value]:
    """Every known text inside of a value; what was encoded into a text, not the text."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if here.origin is not None and here.origin[0] in _ENCODED:
            waiting.append(here.origin[1])
        elif isinstance(here.data, str):
            yield here
        elif isinstance(here.data, dict):
            waiting.extend(reversed(list(here.data.values())))
        else:
            waiting.extend(reversed(here.elements()))


def _host(estate: Estate, thing: Thing, fact: str) -> None:
    stated = thing.fact(fact)
    if stated is None or not isinstance(stated.value, str):
        return
    host = place_of_host(stated.value)
    if host is None:
        return
    tie: Thing | None = None
    if host.provider not in _LARGE:
        tie = _operator(estate, thing.address, host.provider, stated.span)
    elif part := _sovereign(host):
        tie = _part(estate, thing.address, part, stated.span)
    if tie is not None:
        estate.link(thing, "leads to", tie, stated.span)


def _sovereign(host: HostPlace) -> str:
    """The sovereign part of a large cloud that a host belongs to, or ""."""
    if host.place is not None:
        home = legal_home(host.provider, host.place.id)
        return "" if home == host.provider else home
    in_china = host.countries == ("CN",)
    return {"aws": "aws-cn", "azure": "azure-china"}.get(host.provider, "") * in_china
