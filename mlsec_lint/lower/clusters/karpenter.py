"""Karpenter: node classes and node pools as groups of nodes.

An EC2NodeClass names the role and the metadata options of its machines; a NodePool the
class, labels and taints (karpenter.sh documentation, v1, 2026-11). In v1 the hop limit
is 1 unless it is set, before it was 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Fact, Thing
from mlsec_lint.lower.clusters.nodes import identities_named
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.clusters.joins import Homes
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.value import Value

NODE_CLASS = "EC2NodeClass"
NODE_POOL = "NodePool"
_GROUP = "karpenter.sh/"
_AWS = "karpenter.k8s.aws/"
_OLD_HOPS = 2
_HOPS = 1
_WORDS = {
    _HOPS: "Karpenter v1: hop limit 1 and tokens unless set otherwise",
    _OLD_HOPS: "Karpenter before v1: hop limit 2 unless set otherwise",
}


def link_node_pools(inputs: Inputs, homes: Homes, estate: Estate) -> None:
    """Every NodePool as a group of nodes; a class without a pool makes no machines."""
    objects = inputs.objects
    if objects is None:
        return
    for pool in objects.of(NODE_POOL):
        if not pool.api_version.startswith(_GROUP) or pool.library:
            continue
        spec = given(pool.value, "spec", "template", "spec")
        group = _group(estate, pool, spec)
        name = text_of(given(spec, "nodeClassRef", "name"))
        kind = next(
            (
                one
                for one in objects.of(NODE_CLASS)
                if one.name == name and one.root == pool.root
            ),
            None,
        )
        if kind is not None and kind.api_version.startswith(_AWS):
            _class(estate, group, kind)
        for home in homes.of(pool, None):
            words = f"Karpenter makes machines of {group.name} for it"
            estate.link(
                home.cluster,
                "has nodes",
                group,
                pool.span,
                words,
                certain=home.certain,
                why=home.why,
            )
            guard = group.fact("metadata.guarded")
            if guard is not None and home.certain:
                home.cluster.also("metadata.guarded", guard.value, guard.span)


def _group(estate: Estate, pool: Manifest, spec: Value | None) -> Thing:
    address = estate.free("workload", pool.address or f"{NODE_POOL}/{pool.name}")
    name = f"{NODE_POOL}/{pool.name}"
    made = Thing("workload", address, name, pool.span, "kubernetes", pool.root)
    group = estate.add(made)
    group.state("type", "node-group")
    taints = given(spec, "taints")
    if taints is None or taints.data == ():
        words = "no taint is set: every pod may be put there"
        group.state("nodes.dedicated", value=False, default=words)
    else:
        unsure = settled(taints).unknown
        value: bool | Unknown = True if unsure is None else unsure
        group.state("nodes.dedicated", value, taints.entry())
    return group


def _class(estate: Estate, group: Thing, kind: Manifest) -> None:
    """As whom the machines of a class act, and whether pods are kept from that."""
    spec = given(kind.value, "spec")
    role = given(spec, "role")
    name = text_of(role)
    if role is not None and name:
        span = role.entry() or kind.span
        found = estate.named(f"role/{name}", "identity")
        for thing in found or identities_named(estate, f"role/{name}", span):
            estate.link(group, "runs as", thing, span, "the role of its node class")
    fact = _guard(kind, given(spec, "metadataOptions"))
    group.state("metadata.guarded", fact.value, fact.span, default=fact.default)


def _guard(kind: Manifest, options: Value | None) -> Fact:
    default = _HOPS if kind.api_version.endswith("/v1") else _OLD_HOPS
    hops, tokens = (
        given(options, "httpPutResponseHopLimit"),
        given(options, "httpTokens"),
    )
    endpoint = given(options, "httpEndpoint")
    if endpoint is not None and text_of(endpoint) == "disabled":
        return Fact(True, endpoint.entry() or kind.span)  # noqa: FBT003
    if tokens is not None and text_of(tokens) == "optional":
        return Fact(False, tokens.entry() or kind.span)  # noqa: FBT003
    if hops is None:
        return Fact(default == _HOPS, kind.span, default=_WORDS[default])
    number = settled(hops).integer()
    value = number if isinstance(number, Unknown) else number == _HOPS
    return Fact(value, hops.entry() or kind.span)
