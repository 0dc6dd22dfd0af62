"""Which fields kustomize's transformers touch, as data.

Facts from kustomize's built-in transformer configuration (api/internal/konfig/
builtinpluginconsts, v5.5 to v5.8, read 2026-11), in a shape of our own. `configurations:`
of a kustomization add to them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.kubernetes.edit import split_path
from mlsec_lint.kubernetes.objects import words

if TYPE_CHECKING:
    from mlsec_lint.kubernetes.objects import Id
    from mlsec_lint.value import Value


class FieldSpec(NamedTuple):
    """A field of some kinds of objects; an empty selector takes all."""

    path: tuple[str, ...]
    kind: str = ""
    group: str = ""
    version: str = ""
    create: bool = False

    def selects(self, one: Id) -> bool:
        """Whether an object's kind, group and version are meant."""
        return (
            (not self.kind or self.kind == one.kind)
            and (not self.group or self.group == one.group)
            and (not self.version or self.version == one.version)
        )


class Reference(NamedTuple):
    """Fields that name an object of a kind."""

    kind: str
    group: str
    version: str
    fields: tuple[FieldSpec, ...]

    def selects(self, one: Id) -> bool:
        """Whether an object is of the kind that the fields name."""
        return FieldSpec((), self.kind, self.group, self.version).selects(one)


@dataclass(slots=True)
class Fields:
    """All field specs in force while a kustomization is rendered."""

    references: list[Reference] = field(default_factory=list)
    labels: list[FieldSpec] = field(default_factory=list)
    template_labels: list[FieldSpec] = field(default_factory=list)
    annotations: list[FieldSpec] = field(default_factory=list)
    namespace: list[FieldSpec] = field(default_factory=list)
    images: list[FieldSpec] = field(default_factory=list)
    replicas: list[FieldSpec] = field(default_factory=list)
    variables: list[FieldSpec] = field(default_factory=list)
    prefix: list[FieldSpec] = field(default_factory=list)
    suffix: list[FieldSpec] = field(default_factory=list)

    def copy(self) -> Fields:
        """A copy whose lists can grow by themselves."""
        return Fields(*(list(getattr(self, name)) for name in Fields.__slots__))

    def add(self, config: Value) -> None:
        """Add what a transformer configuration file states."""
        for name, target in _SECTIONS:
            listed = config.get(name)
            if listed is not None:
                getattr(self, target).extend(map(_field_spec, listed.elements()))
        references = config.get("nameReference")
        for one in references.elements() if references is not None else ():
            fields = one.get("fieldSpecs")
            if fields is not None:
                self.references.append(
                    Reference(
                        words(one.get("kind")),
                        words(one.get("group")),
                        words(one.get("version")),
                        tuple(map(_field_spec, fields.elements())),
                    )
                )


_SECTIONS = (
    ("commonLabels", "labels"),
    ("templateLabels", "template_labels"),
    ("commonAnnotations", "annotations"),
    ("namespace", "namespace"),
    ("images", "images"),
    ("replicas", "replicas"),
    ("varReference", "variables"),
    ("namePrefix", "prefix"),
    ("nameSuffix", "suffix"),
)


def _field_spec(value: Value) -> FieldSpec:
    return FieldSpec(
        split_path(words(value.get("path"))),
        words(value.get("kind")),
        words(value.get("group")),
        words(value.get("version")),
        words(value.get("create")) == "true",
    )


def _specs(
    kinds: str, *paths: str, group: str = "", create: bool = False
) -> list[FieldSpec]:
    """One spec for each of the kinds and paths."""
    return [
        FieldSpec(split_path(path), kind, group, "", create)
        for kind in kinds.split()
        for path in paths
    ]


_TEMPLATED = "spec/template/spec/"
_CRON = "spec/jobTemplate/spec/template/spec/"
#: Where kustomize looks for references to ConfigMaps and Secrets.
_CONFIG_HOLDERS = (
    ("Pod", "spec/"),
    ("PodTemplate", "template/spec/"),
    ("Deployment ReplicaSet DaemonSet StatefulSet Job", _TEMPLATED),
    ("CronJob", _CRON),
)
#: ... and to accounts, claims and priority classes (other kinds, by kustomize's table).
_OTHER_HOLDERS = (
    ("Pod", "spec/"),
    ("StatefulSet Deployment ReplicationController Job DaemonSet", _TEMPLATED),
    ("CronJob", _CRON),
)
_CONFIG_MAP = (
    "volumes/configMap/name",
    "containers/env/valueFrom/configMapKeyRef/name",
    "initContainers/env/valueFrom/configMapKeyRef/name",
    "containers/envFrom/configMapRef/name",
    "initContainers/envFrom/configMapRef/name",
    "volumes/projected/sources/configMap/name",
)
_SECRET = (
    "volumes/secret/secretName",
    "containers/env/valueFrom/secretKeyRef/name",
    "initContainers/env/valueFrom/secretKeyRef/name",
    "containers/envFrom/secretRef/name",
    "initContainers/envFrom/secretRef/name",
    "imagePullSecrets/name",
    "volumes/projected/sources/secret/name",
)


def _held(
    holders: tuple[tuple[str, str], ...], paths: tuple[str, ...]
) -> list[FieldSpec]:
    return [
        spec
        for kinds, prefix in holders
        for spec in _specs(kinds, *(prefix + path for path in paths))
    ]


_RBAC = "rbac.authorization.k8s.io"
_ADMISSION = "admissionregistration.k8s.io"


def _references() -> list[Reference]:
    scaled = tuple(_specs("HorizontalPodAutoscaler", "spec/scaleTargetRef/name"))
    found = [
        Reference(kind, "", "", scaled)
        for kind in ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet")
    ]
    nginx = "metadata/annotations/nginx.ingress.kubernetes.io\\/"
    config_map = [
        *_held(_CONFIG_HOLDERS, _CONFIG_MAP),
        *_specs("Node", "spec/configSource/configMap"),
        *_specs("Role ClusterRole", "rules/resourceNames"),
        *_specs("Ingress", nginx + "fastcgi-params-configmap"),
    ]
    secret = [
        *_held(_CONFIG_HOLDERS, _SECRET),
        *_specs(
            "Ingress",
            "spec/tls/secretName",
            "metadata/annotations/ingress.kubernetes.io\\/auth-secret",
            nginx + "auth-secret",
            nginx + "auth-tls-secret",
        ),
        *_specs("ServiceAccount", "imagePullSecrets/name"),
        *_specs(
            "StorageClass",
            "parameters/secretName",
            "parameters/adminSecretName",
            "parameters/userSecretName",
            "parameters/secretRef",
        ),
        *_specs("Role ClusterRole", "rules/resourceNames"),
        *_specs(
            "Service",
            _TEMPLATED + "containers/env/valueFrom/secretKeyRef/name",
            group="serving.knative.dev",
        ),
        *_specs("PersistentVolume", "spec/azureFile/secretName"),
    ]
    service = [
        *_specs("StatefulSet", "spec/serviceName", group="apps"),
        *_specs(
            "Ingress",
            "spec/rules/http/paths/backend/serviceName",
            "spec/backend/serviceName",
            "spec/rules/http/paths/backend/service/name",
            "spec/defaultBackend/service/name",
        ),
        *_specs("APIService", "spec/service/name", group="apiregistration.k8s.io"),
        *_specs(
            "ValidatingWebhookConfiguration MutatingWebhookConfiguration",
            "webhooks/clientConfig/service",
            group=_ADMISSION,
        ),
    ]
    account = [
        *_specs("RoleBinding ClusterRoleBinding", "subjects", group=_RBAC),
        *_held(_OTHER_HOLDERS, ("serviceAccountName",)),
    ]
    claim = _held(_OTHER_HOLDERS, ("volumes/persistentVolumeClaim/claimName",))
    volume = [
        *_specs("PersistentVolumeClaim", "spec/volumeName"),
        *_specs("ClusterRole", "rules/resourceNames"),
    ]
    storage = [
        *_specs("PersistentVolume PersistentVolumeClaim", "spec/storageClassName"),
        *_specs("StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"),
    ]
    found += [
        Reference("ConfigMap", "", "v1", tuple(config_map)),
        Reference("Secret", "", "v1", tuple(secret)),
        Reference("Service", "", "v1", tuple(service)),
        Reference(
            "Role", _RBAC, "", tuple(_specs("RoleBinding", "roleRef/name", group=_RBAC))
        ),
        Reference(
            "ClusterRole",
            _RBAC,
            "",
            tuple(
                _specs("RoleBinding ClusterRoleBinding", "roleRef/name", group=_RBAC)
            ),
        ),
        Reference("ServiceAccount", "", "v1", tuple(account)),
        Reference("PersistentVolumeClaim", "", "v1", tuple(claim)),
        Reference("PersistentVolume", "", "v1", tuple(volume)),
        Reference("StorageClass", "storage.k8s.io", "v1", tuple(storage)),
        Reference(
            "PriorityClass",
            "scheduling.k8s.io",
            "v1",
            tuple(_held(_OTHER_HOLDERS, ("priorityClassName",))),
        ),
        Reference(
            "ValidatingAdmissionPolicy",
            _ADMISSION,
            "",
            tuple(_specs("ValidatingAdmissionPolicyBinding", "spec/policyName")),
        ),
    ]
    return found


def _metadata(name: str) -> list[FieldSpec]:
    """`metadata/labels` or `metadata/annotations` of objects and their templates."""
    template = f"spec/template/metadata/{name}"
    return [
        FieldSpec(("metadata", name), create=True),
        FieldSpec(split_path(template), "ReplicationController", "", "v1", create=True),
        *_specs("Deployment ReplicaSet DaemonSet", template, create=True),
        *_specs("StatefulSet", template, group="apps", create=True),
        *_specs("Job", template, group="batch", create=True),
        *_specs(
            "CronJob",
            f"spec/jobTemplate/metadata/{name}",
            f"spec/jobTemplate/spec/template/metadata/{name}",
            group="batch",
            create=True,
        ),
    ]


def _labels() -> list[FieldSpec]:
    affinity = [
        f"{_TEMPLATED}affinity/{kind}/{rule}/labelSelector/matchLabels"
        for kind in ("podAffinity", "podAntiAffinity")
        for rule in (
            "preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm",
            "requiredDuringSchedulingIgnoredDuringExecution",
        )
    ]
    affinity.append(f"{_TEMPLATED}topologySpreadConstraints/labelSelector/matchLabels")
    selector = "spec/selector/matchLabels"
    pods = "podSelector/matchLabels"
    network = ("spec/", "spec/ingress/from/", "spec/egress/to/")
    return [
        FieldSpec(("spec", "selector"), "Service", "", "v1", create=True),
        FieldSpec(("spec", "selector"), "ReplicationController", "", "v1", create=True),
        *_specs("Deployment ReplicaSet DaemonSet", selector, create=True),
        *_specs("StatefulSet", selector, group="apps", create=True),
        *_specs("Deployment StatefulSet", *affinity, group="apps"),
        *_specs("Job", selector, group="batch"),
        *_specs("CronJob", "spec/jobTemplate/" + selector, group="batch"),
        *_specs("PodDisruptionBudget", selector, group="policy"),
        *_specs(
            "NetworkPolicy",
            *(prefix + pods for prefix in network),
            group="networking.k8s.io",
        ),
        *_metadata("labels"),
        *_specs(
            "StatefulSet",
            "spec/volumeClaimTemplates[]/metadata/labels",
            group="apps",
            create=True,
        ),
    ]


def _variables() -> list[FieldSpec]:
    in_containers = ("args", "command", "env/value", "volumeMounts/mountPath")
    held = [
        f"{holder}/{path}"
        for holder in ("containers", "initContainers")
        for path in in_containers
    ]
    templated = "DaemonSet Deployment Job ReplicaSet StatefulSet"
    return [
        *_specs("CronJob", *(_CRON + path for path in held)),
        *_specs(templated, *(_TEMPLATED + path for path in held)),
        *_specs("Pod", *("spec/" + path for path in held), "spec/volumes/nfs/server"),
        *_specs(
            "DaemonSet Deployment Job ReplicaSet", _TEMPLATED + "volumes/nfs/server"
        ),
        *_specs("StatefulSet", "spec/volumeClaimTemplates/spec/nfs/server"),
        *_specs("Deployment", "spec/template/metadata/annotations"),
        *_specs("Ingress", "spec/rules/host", "spec/tls/hosts", "spec/tls/secretName"),
        *_specs("Service", "spec/ports/port", "spec/ports/targetPort"),
        *_specs("PersistentVolume", "spec/nfs/server"),
        FieldSpec(("metadata", "labels")),
        FieldSpec(("metadata", "annotations")),
    ]


def built_in() -> Fields:
    """The specs that are in force without any configuration."""
    return Fields(
        references=_references(),
        labels=_labels(),
        template_labels=_metadata("labels"),
        annotations=_metadata("annotations"),
        namespace=[
            FieldSpec(("metadata", "name"), "Namespace", "", "v1", create=True),
            *_specs(
                "APIService",
                "spec/service/namespace",
                group="apiregistration.k8s.io",
                create=True,
            ),
        ],
        images=[
            FieldSpec(split_path(path))
            for path in (
                "spec/volumes[]/image/reference",
                "spec/template/spec/volumes[]/image/reference",
            )
        ],
        replicas=_specs(
            "Deployment ReplicationController ReplicaSet StatefulSet",
            "spec/replicas",
            create=True,
        ),
        variables=_variables(),
        prefix=[FieldSpec(("metadata", "name"))],
        suffix=[FieldSpec(("metadata", "name"))],
    )
