"""Resources `kubernetes_*` of the HashiCorp provider as the objects they create.

Names become camelCase by rule; a nested block is an object, unless the provider's
schema lets it repeat. Exceptions are those of the schema of hashicorp/kubernetes 3.2.1
(commit 3a33fb6, read 2026-11), which are the same since 2.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsec_lint.terraform.resource import Resource


class Kind(NamedTuple):
    """The object that a resource type creates."""

    kind: str
    api_version: str


_CORE, _APPS, _BATCH = "v1", "apps/v1", "batch/v1"
_RBAC, _NETWORK = "rbac.authorization.k8s.io/v1", "networking.k8s.io/v1"
_STORAGE, _POLICY = "storage.k8s.io/v1", "policy/v1"

#: By the resource type without `kubernetes_` and without `_v1` at its end.
KINDS: dict[str, Kind] = {
    "config_map": Kind("ConfigMap", _CORE),
    "cluster_role": Kind("ClusterRole", _RBAC),
    "cluster_role_binding": Kind("ClusterRoleBinding", _RBAC),
    "cron_job": Kind("CronJob", _BATCH),
    "csi_driver": Kind("CSIDriver", _STORAGE),
    "daemon_set": Kind("DaemonSet", _APPS),
    "daemonset": Kind("DaemonSet", _APPS),
    "default_service_account": Kind("ServiceAccount", _CORE),
    "deployment": Kind("Deployment", _APPS),
    "endpoints": Kind("Endpoints", _CORE),
    "ingress": Kind("Ingress", _NETWORK),
    "ingress_class": Kind("IngressClass", _NETWORK),
    "job": Kind("Job", _BATCH),
    "limit_range": Kind("LimitRange", _CORE),
    "namespace": Kind("Namespace", _CORE),
    "network_policy": Kind("NetworkPolicy", _NETWORK),
    "persistent_volume": Kind("PersistentVolume", _CORE),
    "persistent_volume_claim": Kind("PersistentVolumeClaim", _CORE),
    "pod": Kind("Pod", _CORE),
    "pod_disruption_budget": Kind("PodDisruptionBudget", _POLICY),
    "priority_class": Kind("PriorityClass", "scheduling.k8s.io/v1"),
    "replication_controller": Kind("ReplicationController", _CORE),
    "resource_quota": Kind("ResourceQuota", _CORE),
    "role": Kind("Role", _RBAC),
    "role_binding": Kind("RoleBinding", _RBAC),
    "runtime_class": Kind("RuntimeClass", "node.k8s.io/v1"),
    "secret": Kind("Secret", _CORE),
    "service": Kind("Service", _CORE),
    "service_account": Kind("ServiceAccount", _CORE),
    "stateful_set": Kind("StatefulSet", _APPS),
    "storage_class": Kind("StorageClass", _STORAGE),
}

#: Blocks that repeat, and what the list is called in the object.
_LISTS: dict[str, str] = {
    "addresses": "addresses", "allowed_topologies": "allowedTopologies",
    "cluster_role_selectors": "clusterRoleSelectors", "container": "containers",
    "egress": "egress", "env": "env", "env_from": "envFrom", "from": "from",
    "host_aliases": "hostAliases", "http_header": "httpHeaders",
    "image_pull_secret": "imagePullSecrets", "image_pull_secrets": "imagePullSecrets",
    "ingress": "ingress", "init_container": "initContainers", "items": "items",
    "limit": "limits", "match_expression": "matchExpressions",
    "match_expressions": "matchExpressions", "match_fields": "matchFields",
    "match_label_expressions": "matchLabelExpressions",
    "node_selector_term": "nodeSelectorTerms", "on_pod_condition": "onPodConditions",
    "option": "options", "path": "paths", "port": "ports", "ports": "ports",
    "preferred_during_scheduling_ignored_during_execution":
        "preferredDuringSchedulingIgnoredDuringExecution",
    "readiness_gate": "readinessGates",
    "required_during_scheduling_ignored_during_execution":
        "requiredDuringSchedulingIgnoredDuringExecution",
    "rule": "rules", "sources": "sources", "subject": "subjects", "subset": "subsets",
    "sysctl": "sysctls", "tls": "tls", "to": "to", "toleration": "tolerations",
    "topology_spread_constraint": "topologySpreadConstraints", "volume": "volumes",
    "volume_claim_template": "volumeClaimTemplates", "volume_device": "volumeDevices",
    "volume_mount": "volumeMounts",
}  # fmt: skip

#: The same name elsewhere, by the block around it: one object, with this name.
_OBJECTS: dict[tuple[str, str], str] = {
    ("node_affinity", "required_during_scheduling_ignored_during_execution"):
        "requiredDuringSchedulingIgnoredDuringExecution",
    ("service", "port"): "port",  # of an ingress backend
    ("ephemeral", "volume_claim_template"): "volumeClaimTemplate",
}  # fmt: skip

#: Attributes whose keys are somebody's own words.
_MAPS = frozenset(
    {
        "annotations", "labels", "match_labels", "node_selector", "data", "binary_data",
        "limits", "requests", "capacity", "parameters", "volume_attributes", "options",
        "hard", "default", "default_request", "max", "min", "max_limit_request_ratio",
        "data_wo", "binary_data_wo", "overhead",
    }
)  # fmt: skip

#: Words that are not written like others inside a name.
_WORDS: dict[str, str] = {
    "ip": "IP", "ips": "IPs", "pid": "PID", "ipc": "IPC", "id": "ID", "uri": "URI",
    "cidr": "CIDR", "cidrs": "CIDRs", "urls": "URLs", "fqdn": "FQDN", "wwns": "WWNs",
}  # fmt: skip

#: Names that the rule does not give.
_NAMES: dict[str, str] = {
    "ceph_fs": "cephfs", "ceph_monitors": "monitors", "data_disk_uri": "diskURI",
    "storage_provisioner": "provisioner", "target_ww_ns": "targetWWNs",
    "wait_for_rollout": "", "wait_for_completion": "", "wait_for_load_balancer": "",
    "wait_until_bound": "", "wait_for_default_service_account": "", "target_state": "",
    "timeouts": "", "id": "", "status": "", "load_balancer_status": "",
    "default_secret_name": "", "data_wo_revision": "", "binary_data_wo_revision": "",
    "resource_version": "", "uid": "", "generation": "", "self_link": "",
}  # fmt: skip
_MAX_DEPTH = 40
_Reading: TypeAlias = "Callable[[Value, str, str, int], Value]"


def kind_of(resource_type: str) -> Kind | None:
    """The kind that a `kubernetes_*` resource type creates; None where it creates none.

    `kubernetes_labels`, `kubernetes_annotations` and the like change objects of others.
    """
    if not resource_type.startswith("kubernetes_"):
        return None
    name = resource_type.removeprefix("kubernetes_")
    return KINDS.get(name.removesuffix("_v1").removesuffix("_v1beta1"))


def typed_object(resource: Resource, kind: Kind) -> Value:
    """The object that a typed resource creates: every value with its own span."""
    header = resource.span
    found: dict[str, Value] = {
        "apiVersion": Value(kind.api_version, header),
        "kind": Value(kind.kind, header),
    }
    found.update(_children(resource.values, kind.kind, "", 0))
    if kind.kind == "Secret":
        found = _secret(found)
    elif kind.kind == "PersistentVolume":
        found = _volume(found)
    return Value(found, resource.block)


def _children(
    value: Value, kind: str, parent: str, depth: int
) -> list[tuple[str, Value]]:
    found: list[tuple[str, Value]] = []
    for name, child in value.items():
        if child.is_null or depth > _MAX_DEPTH:
            continue
        converted = _child(name, child, kind, parent, depth)
        if converted is not None and converted[0]:
            found.append(converted)
    return found


def _child(
    name: str, child: Value, kind: str, parent: str, depth: int
) -> tuple[str, Value] | None:
    if name in _MAPS and isinstance(child.data, dict):
        return camel(name), child
    if name == "selector" and kind == "Service" and isinstance(child.data, dict):
        return name, child
    if (kind, parent, name) == ("ServiceAccount", "", "secret"):
        return "secrets", _list(child, kind, name, depth)
    if (kind, parent, name) == ("ReplicationController", "spec", "selector"):
        return name, child
    if not _is_block(child):
        return camel(name), child
    single = _OBJECTS.get((parent, name))
    if single is not None:
        return single, _object(child, kind, name, depth)
    if name in _LISTS and not (name in _MAPS and parent):
        return _LISTS[name], _list(child, kind, name, depth)
    return camel(name), _object(child, kind, name, depth)


def _is_block(value: Value) -> bool:
    """Whether this is what a nested block gives: a list of objects, or one object."""
    data = value.data
    if isinstance(data, Unknown):
        possible = data.possible
        return bool(possible) and all(_is_block(one) for one in possible or ())
    if isinstance(data, tuple):
        known = [one for one in data if not isinstance(one.data, Unknown)]
        return all(isinstance(one.data, dict) for one in known) and (
            bool(known) or not data
        )
    return isinstance(data, dict)


def _elements(value: Value) -> tuple[Value, ...]:
    return (value,) if isinstance(value.data, dict) else value.elements()


def _list(value: Value, kind: str, name: str, depth: int) -> Value:
    if isinstance(value.data, Unknown):
        return _alternatives(value, kind, name, depth, _list)
    elements = _elements(value)
    if name == "sources":  # of a projected volume: each source is an element there
        elements = tuple(part for one in elements for part in _apart(one))
    made = tuple(_mapping(one, kind, name, depth) for one in elements)
    return value.replace(data=made, origin=None)


def _apart(value: Value) -> Iterator[Value]:
    """One object for each block of a `sources` block."""
    if not isinstance(value.data, dict):
        yield value
    for name, child in value.items():
        for one in _elements(child):
            yield value.replace(data={name: one.replace(key=child.key or one.key)})


def _object(value: Value, kind: str, name: str, depth: int) -> Value:
    if isinstance(value.data, Unknown):
        return _alternatives(value, kind, name, depth, _object)
    elements = _elements(value)
    if not elements:
        return value.replace(data=None, origin=None)
    made = _mapping(elements[0], kind, name, depth)
    return made.replace(key=value.key or made.key)


def _alternatives(
    value: Value, kind: str, name: str, depth: int, read: _Reading
) -> Value:
    """An unknown number of blocks: each number that is possible, converted."""
    unknown = value.data
    assert isinstance(unknown, Unknown)
    possible = tuple(read(one, kind, name, depth) for one in unknown.possible or ())
    return value.replace(data=unknown._replace(possible=possible))


def _mapping(value: Value, kind: str, name: str, depth: int) -> Value:
    if not isinstance(value.data, dict):
        return value
    children = _children(value, kind, name, depth + 1)
    return value.replace(data=dict(children), origin=None)


def camel(name: str) -> str:
    """The name of a field in the API; "" for what only the provider reads."""
    if name in _NAMES:
        return _NAMES[name]
    first, *rest = name.split("_")
    return first + "".join(
        _WORDS.get(word) or word[:1].upper() + word[1:] for word in rest
    )


_OF_SECRETS = {
    "data": "stringData", "dataWo": "stringData",
    "binaryData": "data", "binaryDataWo": "data",
}  # fmt: skip


def _secret(found: dict[str, Value]) -> dict[str, Value]:
    """The provider takes `data` as plain text and encodes it; `binary_data` is encoded."""
    made = {k: v for k, v in found.items() if k not in _OF_SECRETS}
    for name, field in _OF_SECRETS.items():
        if name in found:
            made.setdefault(field, found[name])
    return made


def _volume(found: dict[str, Value]) -> dict[str, Value]:
    """What the provider puts into `persistent_volume_source` stands in the spec itself."""
    spec = found.get("spec")
    source = spec.get("persistentVolumeSource") if spec is not None else None
    if spec is None or source is None or not isinstance(source.data, dict):
        return found
    data = {k: v for k, v in spec.items() if k != "persistentVolumeSource"}
    found["spec"] = spec.replace(data={**data, **dict(source.items())})
    return found
