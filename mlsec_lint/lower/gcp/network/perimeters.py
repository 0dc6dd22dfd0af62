"""Service perimeters (VPC Service Controls): whether one keeps a network's traffic in.

A client in a network of a project inside a perimeter reaches a restricted service only
for resources of the perimeter, whatever credentials it has, unless an egress policy
says otherwise (VPC Service Controls overview, 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.gcp.network.firewalls import plain
from mlsec_lint.lower.reading import blocks, given, span_of
from mlsec_lint.lower.terraform_index import symbol_of, values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_PERIMETER = "google_access_context_manager_service_perimeter"
_MEMBER = "google_access_context_manager_service_perimeter_resource"
_STORAGE = "storage.googleapis.com"


class Kept(NamedTuple):
    """Whether storage traffic of a network stays with the lab's own, and which line."""

    truth: Truth
    span: Span


def kept_inside(index: TerraformIndex, here: RootIndex, net: Resource) -> Kept:
    """The perimeter of a network, at its header where there is none."""
    unsure: Kept | None = None
    for home in index.roots:
        for perimeter in home.of(_PERIMETER):
            inside = _holds(index, home, perimeter, here, net)
            if inside is False:
                continue
            found = _restricts(home, perimeter)
            if found.truth is False:
                continue
            if inside is True and found.truth is True:
                return found
            why = inside if isinstance(inside, Unknown) else found.truth
            unsure = unsure or Kept(why, found.span)
    return unsure or Kept(truth=False, span=net.span)


def _restricts(here: RootIndex, perimeter: Resource) -> Kept:
    """Whether a perimeter restricts storage and lets nothing of it out to everyone."""
    status = given(perimeter.values, "status")
    if status is None:
        return Kept(truth=False, span=perimeter.span)
    if status.unknown is not None:
        return Kept(plain(status.unknown), span_of(status, perimeter))
    services = [here.text_of(v) for v in values_at(status, "restricted_services")]
    span = perimeter.span
    if _STORAGE not in services:
        unsure = [plain(s) for s in services if isinstance(s, Unknown)]
        listed = given(status, "restricted_services")
        if listed is not None and listed.unknown is not None:
            unsure.append(plain(listed.unknown))
        return Kept(unsure[0] if unsure else False, span)
    body = status.elements()[0] if status.elements() else status
    for policy in blocks(body, "egress_policies"):
        for value in values_at(policy, "egress_to.resources"):
            text = here.text_of(value)
            if text == "*":
                return Kept(truth=False, span=span_of(value, perimeter))
            if isinstance(text, Unknown) and symbol_of(value) is None:
                return Kept(plain(text), span_of(value, perimeter))
    return Kept(truth=True, span=span)


def _holds(
    index: TerraformIndex,
    home: RootIndex,
    perimeter: Resource,
    here: RootIndex,
    net: Resource,
) -> Truth:
    """Whether the project of a network is in a perimeter."""
    values = values_at(perimeter.values, "status.resources")
    for member in index.satellites(home, perimeter, _MEMBER, "perimeter_name").found:
        value = given(member.values, "resource")
        if value is not None:
            values.append(value)
    if not values:
        listed = given(perimeter.values, "status", "resources")
        unknown = listed.unknown if listed is not None else None
        return plain(unknown) if unknown is not None else False
    own = _project(here, net)
    for value in values:
        if _same(home, value, own):
            return True
    why = f"whether the project of {net.address} is in {perimeter.address} is not known"
    return Unknown("resource", why, span=perimeter.span)


def _project(here: RootIndex, net: Resource) -> tuple[str, str]:
    """The project of a network: its text, and the address it refers to."""
    value = given(net.values, "project")
    if value is None:
        value = given(net.provider.values, "project")
    if value is None:
        return "", ""
    text, symbol = here.text_of(value), symbol_of(value)
    return text if isinstance(text, str) else "", symbol.address if symbol else ""


def _same(home: RootIndex, value: Value, own: tuple[str, str]) -> bool:
    text = home.text_of(value)
    project, address = own
    if isinstance(text, str):
        return bool(project) and text.rpartition("/")[2] == project
    parts = text.parts if isinstance(text, Unknown) else ()
    symbols = [p.symbol for p in parts if isinstance(p, Unknown)]
    symbols.append(symbol_of(value))
    for symbol in symbols:
        if symbol is None:
            continue
        if symbol.address == address:
            return True
        for one in home.resolve_all(symbol):
            named = home.text_of(given(one.values, "project_id"))
            if isinstance(named, str) and named == project:
                return True
    return False
