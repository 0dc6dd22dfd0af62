"""What an EKS cluster says of itself: its endpoint, logs, and network policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.reading import (
    all_of,
    by_default,
    given,
    put,
    read_bool,
    reading,
    span_of,
    unknown_of,
)
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.terraform.functions.json_text import read_json
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.estate import Fact, Thing
    from mlsec_lint.lower.clusters.engines import Engines
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_EVERYWHERE = ("0.0.0.0/0", "::/0", "*", "Internet")


def state_eks(
    index: TerraformIndex,
    here: RootIndex,
    cluster: Resource,
    thing: Thing,
    engines: Engines,
) -> None:
    """State the facts of one aws_eks_cluster."""
    vpc = given(cluster.values, "vpc_config")
    default = by_default(cluster, "endpoint_public_access")
    public = read_bool(cluster, given(vpc, "endpoint_public_access"), default)
    cidrs = values_at(cluster.values, "vpc_config.public_access_cidrs")
    everywhere = open_to_all(here, cluster, cidrs, public)
    stated = given(vpc, "public_access_cidrs")
    if stated is not None:  # in a plan its elements stand nowhere in config
        everywhere = everywhere._replace(span=span_of(stated, cluster))
    put(thing, "api.public", all_of([everywhere, public]))
    logs = given(cluster.values, "enabled_cluster_log_types")
    put(thing, "audit.logged", _audit(here, cluster, logs))
    put(thing, "policy.enforced", _enforced(index, here, cluster, thing, engines))
    signed = engines.signing(thing.address)
    put(
        thing,
        "images.signed_only",
        signed or by_default(cluster, "images.signed_only"),
    )


def open_to_all(
    here: RootIndex, owner: Resource, cidrs: Iterable[Value], default: Fact
) -> Fact:
    """Whether one of the address ranges is every address; the default for none."""
    unsure: Fact | None = None
    last: Fact | None = None
    for value in cidrs:
        text = here.text_of(value)
        if isinstance(text, Unknown):
            unsure = unsure or reading(value, owner, text._replace(possible=None))
        elif text is not None and text in _EVERYWHERE:
            return reading(value, owner, data=True)
        else:
            last = reading(value, owner, data=False)
    return unsure or last or default


def _audit(here: RootIndex, cluster: Resource, logs: Value | None) -> Fact:
    if logs is None:
        return by_default(cluster, "enabled_cluster_log_types")
    if logs.unknown is not None:
        return reading(logs, cluster, logs.unknown._replace(possible=None))
    texts = [here.text_of(value) for value in logs.elements()]
    if "audit" in texts:
        return reading(logs, cluster, data=True)
    unsure = next((t for t in texts if isinstance(t, Unknown)), None)
    return reading(logs, cluster, False if unsure is None else unsure)


def _enforced(
    index: TerraformIndex,
    here: RootIndex,
    cluster: Resource,
    thing: Thing,
    engines: Engines,
) -> Fact:
    """Network policies: by the VPC CNI's own agent, or by another engine."""
    engine = engines.policy(thing.address)
    if engine is not None and engine.value is True:
        return engine
    found = index.satellites(here, cluster, "aws_eks_addon", "cluster_name")
    for addon in found.found:
        if here.text_of(given(addon.values, "addon_name")) == "vpc-cni":
            fact = _cni(addon)
            return engine if engine is not None and fact.value is False else fact
    return engine or by_default(cluster, "network_policy")


def _cni(addon: Resource) -> Fact:
    values = given(addon.values, "configuration_values")
    if values is None:
        return by_default(addon, "network_policy", "aws_eks_cluster")
    tree = read_json(values)
    if tree is None or tree.unknown is not None:
        why = unknown_of(values if tree is None else tree, "this is no JSON object")
        return reading(values, addon, why._replace(possible=None, parts=()))
    switch = given(tree, "enableNetworkPolicy")
    if switch is None:
        return by_default(addon, "network_policy", "aws_eks_cluster")._replace(
            span=values.entry() or addon.span
        )
    found = switch.boolean()
    span = switch.entry() or values.entry() or addon.span
    fact = reading(values, addon, False if found is None else found)
    return fact._replace(span=span)
