"""Kubernetes objects on their way through rendering. Knows no kustomize and no Helm.

An Item is one object; rendering replaces its `value` (Values themselves never change)
and keeps the names it had, since references are written with the earlier ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.kubernetes.manifest import Manifest
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.source import Span
    from mlsec_lint.value import Step, Value

#: Built-in kinds without a namespace (Kubernetes 1.32 API reference, 2026-11). A kind of
#: a custom resource cannot be told without its definition and counts as namespaced, as
#: in kustomize.
CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "AdminNetworkPolicy",
        "BaselineAdminNetworkPolicy",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "ComponentStatus",
        "CustomResourceDefinition",
        "FlowSchema",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
    }
)

#: Said of an object that no lowering can take.
UNKNOWN_KIND = "an object whose kind a template decides is not analysed"

#: How many lists may lie in each other.
_MAX_LIST_DEPTH = 4


class Id(NamedTuple):
    """What an object was or is called."""

    kind: str
    api_version: str
    namespace: str
    name: str

    @property
    def group(self) -> str:
        """The API group, "" for the core group."""
        return self.api_version.rpartition("/")[0]

    @property
    def version(self) -> str:
        """The version within the group."""
        return self.api_version.rpartition("/")[2]


class Item:
    """One object under rendering.

    * `ids`: its earlier identities, first the one of its file;
    * `prefixes`, `suffixes`: what overlays put around its name, innermost first;
    * `hashed`: its name gets a hash of its content at the end;
    * `behavior`: of a generated object: "create", "merge" or "replace";
    * `variables`: names of kustomize `vars` that take their value from it;
    * `via`: the overlays it came through, innermost first;
    * `identified`: the value whose identity was read last, and that identity;
    * `at`: the place of the whole in its file, where its text stands in another one.
    """

    __slots__ = (
        "at",
        "behavior",
        "hashed",
        "identified",
        "ids",
        "path",
        "prefixes",
        "suffixes",
        "value",
        "variables",
        "via",
    )

    def __init__(self, value: Value, path: str, at: Span | None = None) -> None:
        self.value = value
        self.at = at
        self.path = path
        self.ids: list[Id] = []
        self.prefixes: list[str] = []
        self.suffixes: list[str] = []
        self.hashed = False
        self.behavior = "create"
        self.variables: list[str] = []
        self.via: tuple[Step, ...] = ()
        self.identified: tuple[Value, Id] | None = None

    def id(self) -> Id:
        """What it is called now; read once for each value that it has."""
        value = self.value
        if self.identified is None or self.identified[0] is not value:
            now = Id(
                words(value.get("kind")),
                words(value.get("apiVersion")),
                words(value.at("metadata", "namespace")),
                words(value.at("metadata", "name")),
            )
            self.identified = (value, now)
        return self.identified[1]

    def all_ids(self) -> list[Id]:
        """What it was called and is called now."""
        return [*self.ids, self.id()]

    def remember(self) -> None:
        """Keep the identity before a change of name or namespace."""
        now = self.id()
        if now not in self.ids:
            self.ids.append(now)

    def original(self) -> Id:
        """The identity in its file."""
        return self.ids[0] if self.ids else self.id()


def words(value: Value | None) -> str:
    """Text of a scalar; of an unknown one the way it is written; "" for all else."""
    if value is None:
        return ""
    data = value.data
    if isinstance(data, Unknown):
        return data.name or (data.span.text if data.span is not None else "")
    return data.strip() if isinstance(data, str) else ""


def is_object(value: Value) -> bool:
    """Whether this is a Kubernetes object: `apiVersion` and `kind`, both scalars."""
    data = value.data
    if not isinstance(data, dict):
        return False
    version, kind = data.get("apiVersion"), data.get("kind")
    return (
        version is not None
        and kind is not None
        and isinstance(version.data, str | Unknown)
        and isinstance(kind.data, str)
    )


def has_unknown_kind(value: Value) -> bool:
    """Whether this would be an object if anybody could tell its kind."""
    kind = value.get("kind") if isinstance(value.data, dict) else None
    return (
        kind is not None
        and isinstance(kind.data, Unknown)
        and value.get("apiVersion") is not None
    )


def unrolled(value: Value, depth: int = 0) -> Iterator[Value]:
    """The object, or the objects of a list (`List`, `PodList`, ...)."""
    items = value.get("items")
    listed = words(value.get("kind")).endswith("List") and items is not None
    if not listed or items is None or depth >= _MAX_LIST_DEPTH:
        yield value
        return
    elements = items.elements()
    if items.data is not None and not all(is_object(one) for one in elements):
        yield value
        return
    for one in elements:
        yield from unrolled(one, depth + 1)


def address(kind: str, namespace: str, name: str) -> str:
    """`Kind/namespace/name`; `Kind/name` for what has no namespace."""
    if kind in CLUSTER_SCOPED:
        return f"{kind}/{name}"
    return f"{kind}/{namespace or 'default'}/{name}"


def manifest(item: Item, root: str = "", *, library: bool = False) -> Manifest:
    """The finished object."""
    now = item.id()
    name = now.name or words(item.value.at("metadata", "generateName"))
    return Manifest(
        item.value,
        now.kind,
        now.api_version,
        name,
        now.namespace,
        item.at or header(item.value),
        root,
        item.via,
        library,
        address(now.kind, now.namespace, name),
    )


def header(value: Value) -> Span:
    """The narrow place to point at: the `kind:` entry."""
    kind = value.get("kind")
    span = kind.entry() if kind is not None else value.span
    span = span or value.span
    assert span is not None, "an object read from a file has a span"
    return span
