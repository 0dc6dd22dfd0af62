"""Whether pods can take the identity of their node from the metadata service.

On AWS that takes tokens (IMDSv2) and a hop limit of 1; on Google Cloud the GKE metadata
server; AKS has no switch in Terraform. A network policy is another way: `trace/nodes.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.clusters.gke import autopilot
from mlsec_lint.lower.reading import (
    all_of,
    any_of,
    by_default,
    changed,
    equal_to,
    given,
    read_text,
    reading,
    span_of,
)
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Fact
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.terraform.resource import Resource

_TEMPLATE = "aws_launch_template"
_OPTIONS = "metadata_options"
_GROUP = "aws_eks_node_group"
#: Kubernetes minor from which EKS has no AMIs of Amazon Linux 2 (1.33, 2025-05).
_NO_AL2 = 33
_MINOR = regex(r"1\.(\d{1,3})")


def eks_guard(here: RootIndex, group: Resource, cluster: Resource) -> Fact:
    """Of a managed node group: by its launch template, else by what EKS makes."""
    block = given(group.values, "launch_template")
    if block is not None:
        named = given(block, "id") or given(block, "name")
        templates = here.parents(named, (_TEMPLATE,))
        if len(templates) == 1:
            return template_guard(templates[0])
        why = "its launch template is not in the scan"
        return reading(block, group, Unknown("resource", why, span=group.span))
    kind = given(group.values, "ami_type")
    family = _family(here, kind.text() if kind is not None else None, cluster)
    if family in ("AL2", "AL2023"):
        return by_default(group, f"metadata.{family.lower()}", _GROUP)
    why = (
        "the hop limit of this AMI type's nodes without a launch template is not known"
    )
    span = group.span if kind is None else span_of(kind, group)
    fact = by_default(group, "metadata.al2", _GROUP)
    return fact._replace(value=Unknown("environment", why, "ami_type", span=span))


def _family(here: RootIndex, kind: object, cluster: Resource) -> str:
    """AL2, AL2023 or another one; "" where nobody tells."""
    if isinstance(kind, str):
        return kind.partition("_")[0]
    version = here.text_of(given(cluster.values, "version"))
    match = _MINOR.match(version) if isinstance(version, str) else None
    newer = match is not None and int(match[1]) >= _NO_AL2
    return "AL2023" if kind is None and newer else ""


def template_guard(template: Resource) -> Fact:
    """Of a launch template: tokens are required and the hop limit is 1, or it is off."""
    options = given(template.values, _OPTIONS)
    if options is None:
        return by_default(template, _OPTIONS, _TEMPLATE)
    if options.unknown is not None:
        return reading(options, template, options.unknown._replace(possible=None))
    return any_of([_limited(template), _off(template)])


def _off(owner: Resource) -> Fact:
    endpoint = given(owner.values, _OPTIONS, "http_endpoint")
    absent = by_default(owner, "http_tokens", _TEMPLATE)
    if endpoint is None:
        return absent._replace(value=False)
    return equal_to(read_text(owner, endpoint, absent), "disabled")


def _limited(owner: Resource) -> Fact:
    hops = given(owner.values, _OPTIONS, "http_put_response_hop_limit")
    absent = by_default(owner, "http_put_response_hop_limit", _TEMPLATE)
    limit = equal_to(read_text(owner, hops, absent), "1")
    return all_of([limit, token_guard(owner)])


def token_guard(owner: Resource) -> Fact:
    """Whether the metadata service of an instance or template asks for tokens."""
    tokens = given(owner.values, _OPTIONS, "http_tokens")
    absent = by_default(owner, "http_tokens", _TEMPLATE)
    found = equal_to(read_text(owner, tokens, absent), "required")
    options = given(owner.values, _OPTIONS)
    if tokens is None and options is not None:
        found = found._replace(span=options.span or owner.span)
    return found


def gke_guard(pool: Resource, cluster: Resource) -> Fact:
    """Of a GKE node pool: the GKE metadata server stands before the node's."""
    config = given(pool.values, "node_config", "workload_metadata_config")
    mode = given(config, "mode") or given(config, "node_metadata")
    absent = by_default(cluster, "workload_identity_config", "google_container_cluster")
    if mode is not None:
        found = read_text(pool, mode, absent)
        return equal_to(found, "GKE_METADATA", "GKE_METADATA_SERVER", "SECURE")
    auto = autopilot(cluster)
    if auto.value is True:
        return auto
    pools = given(cluster.values, "workload_identity_config")
    if pools is None or pools.data == ():
        return absent
    if pools.unknown is not None:
        return reading(pools, cluster, pools.unknown._replace(possible=None))
    shown = by_default(pool, "workload_metadata_config", "google_container_node_pool")
    return changed(shown, lambda value: value)


def aks_guard(cluster: Resource) -> Fact:
    """Of AKS: nothing in Terraform keeps pods from the node's metadata service."""
    found = by_default(cluster, "metadata", "azurerm_kubernetes_cluster")
    identity = given(cluster.values, "workload_identity_enabled")
    if identity is None:
        return found
    return found._replace(span=span_of(identity, cluster), trail=identity.trail)
