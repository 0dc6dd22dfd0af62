"""Records of what happens around weights: flow logs, trails, logs of clusters.

What is on without asking (2026-11, the providers' documentation): GKE collects the logs
of a cluster's parts unless logging is switched off. Nothing else: without a flow log no
connection is recorded, and a trail is of one region unless it says otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Fact
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.in_terraform.machines import provider_of
from mlsec_lint.lower.kubernetes.audit import lower_kubernetes_audit
from mlsec_lint.lower.reading import (
    all_of,
    any_of,
    blocks,
    changed,
    given,
    maybe_absent,
    present,
    put,
    put_also,
    read_bool,
    read_text,
    reading,
    unknown_because,
)
from mlsec_lint.lower.terraform_index import index_of, values_at
from mlsec_lint.value import Step, Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

_FLOW = "flow.logged"
_NO_FLOW = "no connection is recorded without a flow log, and none in the scan names it"
#: Purposes of Google subnets that carry no traffic of machines, and take no flow logs.
_PROXIES = (
    "REGIONAL_MANAGED_PROXY",
    "GLOBAL_MANAGED_PROXY",
    "INTERNAL_HTTPS_LOAD_BALANCER",
    "PRIVATE_SERVICE_CONNECT",
    "PRIVATE_NAT",
)
#: What sends logs of a project, folder, organisation or billing account elsewhere.
_SINKS = tuple(
    f"google_logging_{of}_sink"
    for of in ("project", "folder", "organization", "billing_account")
)
_BUCKETS = ("google_storage_bucket",)
_AZURE_FLOW = "azurerm_network_watcher_flow_log"
_AZURE_TARGETS = ("network_security_group_id", "target_resource_id")


def lower_audit_logs(inputs: Inputs, estate: Estate) -> None:
    """State which networks, clusters and clouds keep records. After networks and clusters."""
    index = index_of(inputs)
    for here in index.roots:
        for vpc in here.of("aws_vpc", "aws_default_vpc"):
            _network(here, estate, vpc, _aws_flow(index, here, vpc))
        for subnet in here.of("google_compute_subnetwork"):
            fact = _google_flow(here, subnet)
            if fact is not None:
                _network(here, estate, subnet, fact)
        for network in here.of("azurerm_virtual_network"):
            _network(here, estate, network, _azure_flow(index, here, network))
        for cluster in here.of("google_container_cluster"):
            thing = estate.find("cluster", here.address(cluster))
            if thing is not None:
                put(thing, "logs.collected", _collected(here, cluster))
    _trails(index, estate)
    _log_buckets(index, estate)
    lower_kubernetes_audit(inputs, estate)


def _network(here: RootIndex, estate: Estate, resource: Resource, fact: Fact) -> None:
    """The fact of a network; one in which nothing lies is a thing all the same."""
    made = thing_of(here, resource, "network", provider_of(resource))
    thing = estate.add(made)
    if thing is made:
        subnet = resource.type.endswith("_subnetwork")
        thing.state("type", "subnet" if subnet else "network")
    put(thing, _FLOW, fact)


# -- flow logs --------------------------------------------------------------------


def _aws_flow(index: TerraformIndex, here: RootIndex, vpc: Resource) -> Fact:
    """A flow log of the VPC, or one of each of its subnets."""
    own = _by_logs(index, here, vpc, "vpc_id")
    if own.value is True:
        return own
    subnets = [
        subnet
        for subnet in here.of("aws_subnet")
        if vpc in here.parents(given(subnet.values, "vpc_id"), (vpc.type,))
    ]
    if not subnets:
        return own
    return any_of([own, all_of(_by_logs(index, here, s, "subnet_id") for s in subnets)])


def _by_logs(
    index: TerraformIndex, here: RootIndex, owner: Resource, attribute: str
) -> Fact:
    joined = index.satellites(here, owner, "aws_flow_log", attribute)
    readings = [maybe_absent(log, _all_traffic(log)) for log in joined.found]
    if joined.open:
        why = f"which network {joined.open[0].address} records is not known"
        readings.append(unknown_because(joined.open[0], why))
    readings.append(Fact(value=False, span=owner.span, default=_NO_FLOW))
    return any_of(readings)


def _all_traffic(log: Resource) -> Fact:
    """Whether a flow log records what was let through, not only what was refused."""
    kind = given(log.values, "traffic_type")
    told = read_text(log, kind, Fact("ALL", log.span, default="the default"))
    return changed(told, lambda value: str(value).upper() != "REJECT")


def _google_flow(here: RootIndex, subnet: Resource) -> Fact | None:
    purpose = here.text_of(given(subnet.values, "purpose"))
    if purpose in _PROXIES:
        return None
    found = [present(block, subnet) for block in blocks(subnet.values, "log_config")]
    words = "Google Cloud: a subnet records no connections without log_config"
    return any_of([*found, Fact(value=False, span=subnet.span, default=words)])


def _azure_flow(index: TerraformIndex, here: RootIndex, network: Resource) -> Fact:
    """A flow log of the network, or one of the security group of each of its subnets."""
    own = _by_watcher(index, here, network, "target_resource_id")
    subnets = [
        subnet
        for subnet in here.of("azurerm_subnet")
        if network
        in here.parents(given(subnet.values, "virtual_network_name"), (network.type,))
    ]
    if own.value is True or not subnets:
        return own
    return any_of([own, all_of(_azure_subnet(index, here, s) for s in subnets)])


def _azure_subnet(index: TerraformIndex, here: RootIndex, subnet: Resource) -> Fact:
    found = [_by_watcher(index, here, subnet, "target_resource_id")]
    kind = "azurerm_subnet_network_security_group_association"
    for link in index.satellites(here, subnet, kind, "subnet_id").found:
        named = given(link.values, "network_security_group_id")
        for group in here.parents(named, ("azurerm_network_security_group",)):
            found += [_by_watcher(index, here, group, name) for name in _AZURE_TARGETS]
    return any_of(found)


def _by_watcher(
    index: TerraformIndex, here: RootIndex, owner: Resource, attribute: str
) -> Fact:
    joined = index.satellites(here, owner, _AZURE_FLOW, attribute)
    off = Fact(value=False, span=owner.span, default=_NO_FLOW)
    readings = [
        maybe_absent(log, read_bool(log, given(log.values, "enabled"), off))
        for log in joined.found
    ]
    return any_of([*readings, off])


# -- logs of clusters and clouds ---------------------------------------------------


def _collected(here: RootIndex, cluster: Resource) -> Fact:
    words = "GKE: logs of the cluster's own parts are collected unless switched off"
    on = Fact(value=True, span=cluster.span, default=words)
    service = given(cluster.values, "logging_service")
    if service is not None:
        told = read_text(cluster, service, on)
        return changed(told, lambda value: str(value).lower() != "none")
    listed = given(cluster.values, "logging_config", "enable_components")
    if listed is None:
        return on
    if listed.unknown is not None:
        return reading(listed, cluster, listed.unknown._replace(possible=None))
    texts = [here.text_of(value) for value in listed.elements()]
    unsure = next((t for t in texts if isinstance(t, Unknown)), None)
    if "SYSTEM_COMPONENTS" in texts or unsure is None:
        return reading(listed, cluster, "SYSTEM_COMPONENTS" in texts)
    return reading(listed, cluster, unsure)


def _trails(index: TerraformIndex, estate: Estate) -> None:
    """Of all trails one must be complete; each must be signed."""
    cloud = estate.find("cloud", "cloud:aws")
    trails = [(here, t) for here in index.roots for t in here.of("aws_cloudtrail")]
    if cloud is None or not trails:
        return
    complete = []
    for _, trail in trails:
        words = "AWS: a trail records one region unless is_multi_region_trail is set"
        off = Fact(value=False, span=trail.span, default=words)
        wide = read_bool(trail, given(trail.values, "is_multi_region_trail"), off)
        on = Fact(value=True, span=trail.span, default="AWS: a trail is on")
        logs = read_bool(trail, given(trail.values, "enable_logging"), on)
        complete.append(maybe_absent(trail, all_of([wide, logs])))
        words = "AWS: files of a trail are not signed unless it is asked for"
        off = Fact(value=False, span=trail.span, default=words)
        signed = read_bool(
            trail, given(trail.values, "enable_log_file_validation"), off
        )
        put_also(cloud, "trail.validated", signed)
    put(cloud, "trail.complete", any_of(complete))


def _log_buckets(index: TerraformIndex, estate: Estate) -> None:
    """Buckets of Cloud Logging, and buckets of Cloud Storage that sinks write to."""
    cloud = estate.find("cloud", "cloud:gcp")
    for here in index.roots if cloud is not None else ():
        assert cloud is not None
        for bucket in here.of("google_logging_project_bucket_config"):
            words = "Google Cloud: a log bucket is not locked unless it is asked for"
            off = Fact(value=False, span=bucket.span, default=words)
            for value in values_at(bucket.values, "locked") or (None,):
                put_also(cloud, "logs.locked", read_bool(bucket, value, off))
        seen: set[str] = set()
        for sink in here.of(*_SINKS):
            for bucket in _written(here, sink):
                if bucket.address not in seen:
                    seen.add(bucket.address)
                    put_also(cloud, "logs.locked", _kept(bucket, sink))


def _written(here: RootIndex, sink: Resource) -> list[Resource]:
    """The buckets that a sink writes to, by reference or by name."""
    destination = given(sink.values, "destination")
    text = here.text_of(destination)
    found = list(here.parents(destination, _BUCKETS))
    if found or not isinstance(text, str):
        return found
    service, _, name = text.rpartition("/")
    written = service in ("", "storage.googleapis.com")
    return list(here.named(name, _BUCKETS)) if written else []


def _kept(bucket: Resource, sink: Resource) -> Fact:
    """Whether a bucket holds what a sink writes for a time that nobody can shorten."""
    words = "Google Cloud: a retention policy is not locked unless it is asked for"
    policies = blocks(bucket.values, "retention_policy")
    off = Fact(value=False, span=bucket.span, default=words)
    found = [read_bool(bucket, given(one, "is_locked"), off) for one in policies]
    step = Step(sink.span, f"{sink.address} writes logs into {bucket.address}")
    kept = maybe_absent(sink, found[0] if found else off)
    return kept._replace(trail=(*kept.trail, step))
