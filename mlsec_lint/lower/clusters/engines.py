"""What enforces network policies in clusters, and what checks signatures of images.

Read from Helm releases in Terraform, from Argo CD and Flux objects, and from the objects
of these programs themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Fact
from mlsec_lint.lower.clusters.signing import signing_of
from mlsec_lint.lower.in_terraform.clusters import cluster_of
from mlsec_lint.lower.scalars import given, text_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.terraform_index import TerraformIndex

#: Charts that bring a network plug-in which enforces network policies (2026-11).
ENFORCING_CHARTS = ("tigera-operator", "calico", "cilium", "antrea", "kube-router")
#: Kinds of objects that such a plug-in is configured by, with their API groups.
_ENFORCING_KINDS = (
    ("Installation", "operator.tigera.io/"),
    ("FelixConfiguration", "crd.projectcalico.org/"),
    ("FelixConfiguration", "projectcalico.org/"),
)
#: API groups of policies of such plug-ins: a cluster without them refuses the objects.
_ENFORCING_GROUPS = (
    "cilium.io/",
    "crd.projectcalico.org/",
    "projectcalico.org/",
    "crd.antrea.io/",
)
_DAEMONS = ("calico-node", "cilium", "antrea-agent", "kube-router")
_CNI_CONFIG = ("amazon-vpc-cni", "enable-network-policy-controller")


class Engines:
    """The engines of a scan, by the cluster that they are installed in ("" for any)."""

    def __init__(
        self, inputs: Inputs, index: TerraformIndex, clusters: set[str]
    ) -> None:
        self.clusters = clusters
        self._policy: list[tuple[str, Fact]] = []
        self._signing: list[tuple[str, Fact]] = []
        for here in index.roots:
            for release in here.of("helm_release"):
                chart = here.text_of(given(release.values, "chart"))
                name = str(chart).rpartition("/")[2] if isinstance(chart, str) else ""
                if name in ENFORCING_CHARTS:
                    where = cluster_of(here, release)
                    self._policy.append((where, Fact(True, release.span)))  # noqa: FBT003
        for manifest in inputs.manifests:
            self._read(manifest)

    def _read(self, manifest: Manifest) -> None:
        if manifest.library:
            return
        if _enforces(manifest):
            fact = Fact(True, manifest.span)  # noqa: FBT003
            self._policy.append((manifest.cluster, fact))
        signed = signing_of(manifest)
        if signed is not None:
            self._signing.append((manifest.cluster, signed))

    def policy(self, address: str) -> Fact | None:
        """Whether an engine enforces network policies in a cluster; None for none."""
        return self._of(self._policy, address)

    def signing(self, address: str) -> Fact | None:
        """Whether a policy admits signed images only; None where there is none."""
        return self._of(self._signing, address)

    def any_signing(self) -> Fact | None:
        """The same, in whatever cluster: for scans that declare none."""
        return self._signing[0][1] if self._signing else None

    def _of(self, listed: list[tuple[str, Fact]], address: str) -> Fact | None:
        """Those of the cluster; those of which nothing tells where they go, perhaps."""
        unsure: Fact | None = None
        for where, fact in listed:
            if where == address:
                return fact
            if not where or where.startswith("name:"):
                unsure = unsure or fact
        if unsure is None or len(self.clusters) == 1:
            return unsure
        why = "in which of the clusters of the scan it is applied is not known"
        return unsure._replace(value=Unknown("unsupported", why, span=unsure.span))


def _enforces(manifest: Manifest) -> bool:
    """Whether an object shows that its cluster enforces network policies."""
    kind, api = manifest.kind, manifest.api_version
    if any(kind == k and api.startswith(group) for k, group in _ENFORCING_KINDS):
        return True
    if kind.endswith("NetworkPolicy") and api.startswith(_ENFORCING_GROUPS):
        return True
    if kind == "DaemonSet" and manifest.name in _DAEMONS:
        return True
    if kind == "ConfigMap" and manifest.name == _CNI_CONFIG[0]:
        return text_of(given(manifest.value, "data", _CNI_CONFIG[1])) == "true"
    return any(chart in ENFORCING_CHARTS for chart in _charts(manifest))


def _charts(manifest: Manifest) -> Iterator[str]:
    """The charts that an Argo CD Application or a Flux HelmRelease installs."""
    spec = given(manifest.value, "spec")
    if manifest.kind == "Application" and manifest.api_version.startswith(
        "argoproj.io"
    ):
        yield text_of(given(spec, "source", "chart"))
        sources = given(spec, "sources")
        for source in sources.elements() if sources is not None else ():
            yield text_of(given(source, "chart"))
    elif manifest.kind == "HelmRelease":
        yield text_of(given(spec, "chart", "spec", "chart"))
