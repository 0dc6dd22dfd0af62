"""What a GKE cluster says of itself: its endpoints, data path, admission."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.clusters.eks import open_to_all
from mlsec_lint.lower.reading import (
    all_of,
    any_of,
    blocks,
    by_default,
    equal_to,
    given,
    negated,
    put,
    read_bool,
    read_text,
    reading,
)
from mlsec_lint.lower.terraform_index import values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Fact, Thing
    from mlsec_lint.lower.clusters.engines import Engines
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_AUTHORIZED = "master_authorized_networks_config"
_BY_POLICY = ("PROJECT_SINGLETON_POLICY_ENFORCE", "POLICY_BINDINGS_AND_PROJECT_SINGLETON_POLICY_ENFORCE")  # fmt: skip
_POLICY = "google_binary_authorization_policy"


def state_gke(
    index: TerraformIndex,
    here: RootIndex,
    cluster: Resource,
    thing: Thing,
    engines: Engines,
) -> None:
    """State the facts of one google_container_cluster."""
    put(thing, "api.public", _public(here, cluster))
    put(thing, "audit.logged", by_default(cluster, "audit"))
    enforced = _enforced(cluster)
    engine = engines.policy(thing.address)
    put(thing, "policy.enforced", any_of([enforced, *([engine] if engine else [])]))
    signed = engines.signing(thing.address)
    authorized = _signed(index, here, cluster)
    put(
        thing, "images.signed_only", any_of([authorized, *([signed] if signed else [])])
    )


def _public(here: RootIndex, cluster: Resource) -> Fact:
    """No private endpoint, and no list of authorized networks that keeps others out."""
    default = by_default(cluster, "api.public")
    readings = [default]
    private = given(cluster.values, "private_cluster_config", "enable_private_endpoint")
    if private is not None:
        readings.append(negated(read_bool(cluster, private, default)))
    by_address = given(
        cluster.values,
        "control_plane_endpoints_config",
        "ip_endpoints_config",
        "enabled",
    )
    if by_address is not None:
        readings.append(read_bool(cluster, by_address, default))
    for block in blocks(cluster.values, _AUTHORIZED):
        if block.unknown is not None:
            readings.append(
                reading(block, cluster, block.unknown._replace(possible=None))
            )
            continue
        ranges = values_at(block, "cidr_blocks.cidr_block")
        nobody = reading(block, cluster, data=False)
        readings.append(open_to_all(here, cluster, ranges, nobody))
    return all_of(readings[::-1])


def _enforced(cluster: Resource) -> Fact:
    default = by_default(cluster, "network_policy")
    path = given(cluster.values, "datapath_provider")
    readings = [default]
    if path is not None:
        readings.append(
            equal_to(read_text(cluster, path, default), "ADVANCED_DATAPATH")
        )
    switch = given(cluster.values, "network_policy", "enabled")
    if switch is not None:
        readings.append(read_bool(cluster, switch, default))
    readings.append(autopilot(cluster))
    found = any_of(readings)
    if found.value is False and path is not None:
        return readings[1]
    return found


def autopilot(cluster: Resource) -> Fact:
    """Whether the cluster is an Autopilot one (Dataplane V2, workload identity)."""
    off = by_default(cluster, "network_policy")
    return read_bool(cluster, given(cluster.values, "enable_autopilot"), off)


def _signed(index: TerraformIndex, here: RootIndex, cluster: Resource) -> Fact:
    """Binary Authorization is on, and its policy asks for attestations."""
    default = by_default(cluster, "binary_authorization")
    mode = given(cluster.values, "binary_authorization", "evaluation_mode")
    old = given(cluster.values, "binary_authorization", "enabled")
    old = old or given(cluster.values, "enable_binary_authorization")
    if mode is not None:
        switched = equal_to(read_text(cluster, mode, default), *_BY_POLICY)
    else:
        switched = read_bool(cluster, old, default)
    if switched.value is False:
        return switched
    policies = [(h, p) for h in index.roots for p in h.of(_POLICY)]
    if not policies:
        why = "the Binary Authorization policy of the project is not in the scan"
        return switched._replace(value=Unknown("unsupported", why, _POLICY))
    rules = [_asks(policy) for h, policy in policies if _same(h, policy, here, cluster)]
    return all_of([switched, *rules]) if rules else switched


def _same(
    home: RootIndex, policy: Resource, here: RootIndex, cluster: Resource
) -> bool:
    """Whether a policy may be that of the cluster's project."""
    one = home.attribute(policy, "project")
    other = here.attribute(cluster, "project")
    return one == other or not isinstance(one, str) or not isinstance(other, str)


def _asks(policy: Resource) -> Fact:
    mode = given(policy.values, "default_admission_rule", "evaluation_mode")
    absent = by_default(policy, "none")
    found = read_text(policy, mode, absent)
    return equal_to(found, "REQUIRE_ATTESTATION", "ALWAYS_DENY") if mode else absent
