"""Whether a scan holds what decides over a pod's network.

A job alone in a repository says nothing about the policies of the cluster that it runs
in. Where the scan holds the pod's namespace, policies for it or the cluster itself, a
policy that is not there is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.in_terraform.releases import stated_releases
from mlsec_lint.lower.kubernetes.network.scope import is_open, scope_of
from mlsec_lint.lower.terraform_index import index_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.kubernetes.network import Policies
    from mlsec_lint.lower.kubernetes.network.pods import Namespaces
    from mlsec_lint.lower.kubernetes.network.scope import Scope
    from mlsec_lint.lower.kubernetes.workload import Pod
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_CLUSTERS = frozenset(
    {"aws_eks_cluster", "google_container_cluster", "azurerm_kubernetes_cluster"}
)
#: How many pairs of pods' folders and policies' folders are looked at.
MAX_PAIRS = 300_000
#: So few Terraform roots with clusters are taken for those that all pods run in.
_FEW_ROOTS = 2


class Held:
    """Answers for each pod, from what the scan holds."""

    def __init__(
        self, inputs: Inputs, policies: Policies, namespaces: Namespaces
    ) -> None:
        self.policies = policies
        self.namespaces = namespaces
        self.looked = 0
        self.scopes: dict[str, dict[Scope, None]] = {}
        for manifest in inputs.manifests:  # also those that are about ingress only
            if manifest.kind.endswith("NetworkPolicy"):
                scope = scope_of(manifest)
                self.scopes.setdefault(scope.namespace, {}).setdefault(scope)
        read = {manifest.address for manifest in inputs.manifests}
        read |= {address.rpartition("#")[0] for address in read}
        index = index_of(inputs)
        rendered = {id(one.resource) for one in stated_releases(inputs) if one.folder}
        self.clusters: dict[str, None] = {}
        self.elsewhere: list[tuple[str, str, str]] = []
        for here in index.roots:  # those of known modules too
            if not here.root.library and next(here.of(*_CLUSTERS), None) is not None:
                self.clusters.setdefault(here.root.path)
        for root in inputs.roots:
            for resource in root.resources:
                known = index.home(resource).address(resource) in read
                known = known or id(resource) in rendered
                if not known and not root.library:
                    for address, namespace in _policies_in(resource):
                        self.elsewhere.append((root.path, address, namespace))
        self._answers: dict[tuple[str, str], Truth] = {}

    def of(self, pod: Pod) -> Truth:
        """True, or an Unknown that says what may hold policies for the pod."""
        scope = scope_of(pod.manifest)
        folder = pod.manifest.span.path.rpartition("/")[0]
        key = (f"{scope.root}:{folder}", scope.namespace)
        found = self._answers.get(key)
        if found is None:
            found = self._answers[key] = self._answer(scope, folder)
        return found

    def _answer(self, scope: Scope, folder: str) -> Truth:
        name = scope.namespace or "default"
        for root, address, namespace in self.elsewhere:
            if namespace in ("", scope.namespace) and self._concerns([root], folder):
                why = f"{address} may hold network policies for namespace {name}"
                return Unknown("unsupported", why, name=address)
        self.looked += len(self.scopes.get(scope.namespace, ()))
        if self.looked > MAX_PAIRS:
            return Unknown("bound", "too many policies in too many folders")
        meet = self.policies.clusters.meet
        if any(
            meet(one, scope) is True for one in self.scopes.get(scope.namespace, ())
        ):
            return True
        if self.policies.near(scope) or self.namespaces.declared(scope) is not None:
            return True
        if (
            self.clusters
            and not is_open(name)
            and self._concerns(self.clusters, folder)
        ):
            return True
        why = (
            f"the scan holds neither the cluster nor namespace {name} nor a policy for "
            "it: its network policies are not known"
        )
        return Unknown("unsupported", why, name=f"the network policies of {name}")

    def _concerns(self, roots: Iterable[str], folder: str) -> bool:
        """Whether one of some Terraform roots is about the cluster of a pod.

        It is where the scan has only one or two roots with clusters, or where the root
        lies under a folder above the pod's (not the scan's own).
        """
        if len(self.clusters) <= _FEW_ROOTS:
            return True
        above = [folder]
        while "/" in above[-1]:
            above.append(above[-1].rpartition("/")[0])
        if len(above) > 1:  # a top folder alone says too little
            above.pop()
        return any(f"{root}/".startswith(f"{one}/") for root in roots for one in above)


def _policies_in(resource: Resource) -> Iterator[tuple[str, str]]:
    """(address, namespace) of a resource that may put policies into a cluster.

    The namespace is "" where it may be any.
    """
    values = resource.values
    if resource.type in ("kubernetes_network_policy", "kubernetes_network_policy_v1"):
        yield resource.address, _text(values.at("metadata", "namespace"))
    elif resource.type == "helm_release":
        yield resource.address, _text(values.get("namespace"), absent="default")
    elif resource.type == "kubernetes_manifest":
        kind = _text(values.at("manifest", "kind"))
        if not kind or kind.endswith("NetworkPolicy"):
            yield (
                resource.address,
                _text(values.at("manifest", "metadata", "namespace")),
            )
    elif resource.type == "kubectl_manifest":
        body = _known_parts(values.get("yaml_body"))
        if "kind:" not in body or "NetworkPolicy" in body:
            yield resource.address, ""


def _known_parts(value: Value | None) -> str:
    """What is known of a text."""
    text = value.text() if value is not None else None
    if isinstance(text, Unknown):
        return "".join(part for part in text.parts if isinstance(part, str))
    return text or ""


def _text(value: Value | None, absent: str = "") -> str:
    """A known text, "" where it is not known."""
    if value is None or value.is_null:
        return absent
    text = value.text()
    return text.strip() if isinstance(text, str) else ""
