"""From where a service or a front answers: the internet, nodes, a network, the cluster.

Annotations and classes are those of policies/data/exposure.json.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mlsec_lint.estate.addresses import is_internet
from mlsec_lint.estate.selectors import first
from mlsec_lint.estate.tables import document
from mlsec_lint.lower.kubernetes.network.rules import addresses_of, elements, unknown_in
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.source import Span

#: From the widest to the narrowest.
INTERNET, NODE, NETWORK, CLUSTER = "internet", "node", "network", "cluster"


class Reach(NamedTuple):
    """From where something answers, and the line that says so."""

    where: str | Unknown
    span: Span
    default: str = ""


@cache
def _table() -> Any:
    return document("exposure.json")


def either_way(why: str, span: Span) -> Unknown:
    """An Unknown that is the internet or a private network."""
    possible = (Value(INTERNET, span), Value(NETWORK, span))
    return Unknown("unsupported", why, span=span, possible=possible)


def service_reach(manifest: Manifest, *, aws_controller: bool = False) -> Reach:
    """From where a Service answers by its type, annotations and source ranges."""
    spec = given(manifest.value, "spec")
    value = given(spec, "type")
    if value is None:
        span = manifest.span
        outside = given(spec, "externalIPs")
        if elements(outside):
            return Reach(NODE, _entry(outside, span))
        return Reach(CLUSTER, span, "Kubernetes: ClusterIP unless set")
    span = value.entry() or manifest.span
    kind = settled(value).text()
    if isinstance(kind, Unknown):
        return Reach(kind, span)
    match (kind or "").strip():
        case "LoadBalancer":
            return balancer_reach(manifest, span, aws_controller=aws_controller)
        case "NodePort":
            return Reach(NODE, span)
        case _:
            outside = given(spec, "externalIPs")
            if elements(outside):
                return Reach(NODE, _entry(outside, span))
            return Reach(CLUSTER, span)


def _entry(value: Value | None, otherwise: Span) -> Span:
    return (value.entry() if value is not None else None) or otherwise


def balancer_reach(manifest: Manifest, span: Span, *, aws_controller: bool) -> Reach:
    """From where a load balancer answers."""
    annotations = given(manifest.value, "metadata", "annotations")
    if annotations is not None and isinstance(annotations.data, Unknown):
        return Reach(annotations.data, span)
    inside = _internal(annotations)
    if inside is not None:
        return Reach(inside if isinstance(inside, Unknown) else NETWORK, span)
    class_name = text_of(given(manifest.value, "spec", "loadBalancerClass"))
    if class_name in _table()["internal_classes"]:
        return Reach(NETWORK, span)
    by_aws = _aws(annotations, class_name, span, installed=aws_controller)
    if by_aws is not None:
        return Reach(by_aws, span)
    return Reach(_limited(manifest, annotations), span)


def _internal(annotations: Value | None) -> bool | Unknown | None:
    """True where an annotation makes it internal; None where none does."""
    found: Unknown | None = None
    for row in _table()["internal_annotations"]:
        value = given(annotations, row["key"])
        if value is None:
            continue
        text = settled(value).text()
        if isinstance(text, Unknown):
            found = text
        elif "*" in row["values"] or (text or "").strip().lower() in row["values"]:
            return True
    if found is None and annotations is not None:
        for key, value in annotations.items():
            if key.startswith("{{"):
                why = "a template adds annotations here"
                return first(value.unknown, Unknown("template", why, span=value.span))
    return found


def _aws(
    annotations: Value | None, class_name: str, span: Span, *, installed: bool
) -> str | Unknown | None:
    """What the AWS Load Balancer Controller makes of it; None where it is not its own."""
    rows = _table()["aws_controller"]
    scheme = text_of(given(annotations, rows["scheme"]))
    if scheme == "internet-facing":
        return None
    kind = text_of(given(annotations, rows["type"]))
    if kind in rows["types"] or class_name in rows["classes"]:
        return NETWORK
    if installed and not class_name and kind not in ("nlb", "clb", "classic"):
        why = (
            "the AWS Load Balancer Controller of the scan makes it internal if it takes "
            "it over, as it does by default since its version 2.5"
        )
        return either_way(why, span)
    return None


def _limited(manifest: Manifest, annotations: Value | None) -> str | Unknown:
    """Whether source ranges keep the internet out."""
    ranges = given(manifest.value, "spec", "loadBalancerSourceRanges")
    listed = list(elements(ranges))
    if ranges is not None and isinstance(ranges.data, Unknown):
        return ranges.data
    for key in _table()["source_range_annotations"]:
        value = given(annotations, key)
        text = settled(value).text() if value is not None else None
        if isinstance(text, Unknown):
            return text
        if value is not None and text:
            listed += [
                value.replace(data=one.strip()) for one in text.split(",")[:1000]
            ]
    if not listed:
        return INTERNET
    addresses, unknown = addresses_of(listed)
    if is_internet(addresses):
        return INTERNET
    unknown = first(unknown, unknown_in(ranges))
    return NETWORK if unknown is None else unknown


def ingress_reach(manifest: Manifest) -> Reach:
    """From where an Ingress answers, by its class."""
    annotations = given(manifest.value, "metadata", "annotations")
    value = given(manifest.value, "spec", "ingressClassName") or given(
        annotations, "kubernetes.io/ingress.class"
    )
    span = manifest.span
    name = settled(value).text() if value is not None else ""
    if isinstance(name, Unknown):
        return Reach(name, span)
    row = _table()["ingress_classes"].get((name or "").strip())
    if row is None:
        shown = f"of class {name}" if name else "of the default class"
        why = f"where ingresses {shown} answer, their controller's service says"
        return Reach(either_way(why, span), span)
    scheme = given(annotations, row["scheme"]) if "scheme" in row else None
    if scheme is None:
        return Reach(row["default"], span)
    text = settled(scheme).text()
    if isinstance(text, Unknown):
        return Reach(text, span)
    where = row["values"].get((text or "").strip().lower(), row["default"])
    return Reach(where, scheme.entry() or span)


def gateway_reach(gateway: Manifest | None, name: str, span: Span) -> Reach:
    """From where a Gateway of the Gateway API answers, by its class."""
    if gateway is None:
        return Reach(either_way(f"the scan holds no Gateway {name}", span), span)
    value = given(gateway.value, "spec", "gatewayClassName")
    text = settled(value).text() if value is not None else ""
    if isinstance(text, Unknown):
        return Reach(text, span)
    where = _table()["gateway_classes"].get((text or "").strip())
    if where is None:
        why = f"where gateways of class {text} answer, their controller says"
        return Reach(either_way(why, span), span)
    return Reach(where, span)
