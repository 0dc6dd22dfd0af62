"""Pods that ask for a confidential runtime, confidential nodes or an enclave.

Runtime classes of Confidential Containers and AKS, labels of GKE, AKS and Node Feature
Discovery, resources of the Nitro and SGX device plugins; all as of 2026-11-24.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.lower.scalars import given, put, settled, text_of
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.workload import Pod
    from mlsec_lint.value import Value

_FACT = "confidential"
_ABSENT = "Kubernetes: an ordinary runtime and any node unless the pod asks for others"
_SEALED = regex(
    r"(?:kata-cc-isolation|kata-remote|enclave-cc"
    r"|kata-(?:[a-z-]{0,40}-)?(?:snp|tdx|sev|se|cca)(?:-runtime-rs)?)"
)
_ORDINARY = frozenset(
    {"nvidia", "nvidia-cdi", "gvisor", "runsc", "runc", "crun", "kata", "kata-qemu"}
    | {"kata-clh", "kata-fc", "kata-dragonball", "kata-mshv-vm-isolation", "crun-vm"}
)
#: Labels of nodes -> what their value has to match.
_LABELS: dict[str, str] = {
    "cloud.google.com/gke-confidential-nodes-instance-type": r"(?i)(?:sev|sev_snp|tdx)",
    "node.kubernetes.io/instance-type": r"(?i)standard_(?:dc|ec|ncc)\d.*",
    "beta.kubernetes.io/instance-type": r"(?i)standard_(?:dc|ec|ncc)\d.*",
    "amd.feature.node.kubernetes.io/snp": "true",
    "intel.feature.node.kubernetes.io/tdx": "true",
    "intel.feature.node.kubernetes.io/sgx": "true",
    "feature.node.kubernetes.io/cpu-security.sev.snp.enabled": "true",
    "feature.node.kubernetes.io/cpu-security.tdx.enabled": "true",
    "aws-nitro-enclaves-k8s-dp": "enabled",
}
#: Resources that only enclaves have.
_RESOURCES = frozenset(
    {"aws.ec2.nitro/nitro_enclaves", "smarter-devices/nitro_enclaves"}
    | {"sgx.intel.com/epc", "sgx.intel.com/enclave"}
)


def lower_confidential(objects: Objects) -> None:
    """State `confidential` of every pod that is no infrastructure of its node."""
    for pod in objects.pods:
        if pod.infrastructure is not True:
            _pod(pod, objects)


def _pod(pod: Pod, objects: Objects) -> None:
    spec = pod.template.spec
    asked = next(_asked(pod), None)
    if asked is not None:
        put(pod.workload, _FACT, data=True, value=asked)
        return
    runtime = given(spec, "runtimeClassName")
    if runtime is None:
        span = pod.workload.span
        pod.workload.state(_FACT, value=False, span=span, default=_ABSENT)
        return
    text = settled(runtime).text()
    if isinstance(text, Unknown):
        put(pod.workload, _FACT, text._replace(possible=None, parts=()), runtime)
        return
    name = (text or "").strip()
    found = objects.find("RuntimeClass", name, pod.manifest, cluster=True)
    handler = text_of(given(found.value, "handler")) if found is not None else ""
    put(pod.workload, _FACT, _sealed(name, handler), runtime)


def _sealed(name: str, handler: str) -> bool | Unknown:
    """Whether a runtime class is a confidential one, by its handler or its name."""
    names = [n for n in (handler, name) if n]
    if any(_SEALED.fullmatch(n) for n in names):
        return True
    if any(n in _ORDINARY for n in names):
        return False
    why = f"nothing says what the runtime class {name} does"
    return Unknown("environment", why, f"RuntimeClass {name}")


def _asked(pod: Pod) -> Iterator[Value]:
    """What a pod asks of its node that only confidential nodes have."""
    spec = pod.template.spec
    selector = given(spec, "nodeSelector")
    for label, value in selector.items() if selector is not None else ():
        if _is_confidential(label, text_of(value)):
            yield value
    terms = given(
        spec,
        "affinity",
        "nodeAffinity",
        "requiredDuringSchedulingIgnoredDuringExecution",
        "nodeSelectorTerms",
    )
    elements = terms.elements() if terms is not None else ()
    if elements:
        asked = [next(_expressions(term), None) for term in elements]
        if all(one is not None for one in asked) and asked[0] is not None:
            yield asked[0]  # each of the terms asks for it
    for _, container in pod.template.containers:
        limits = given(container, "resources", "limits")
        for name, value in limits.items() if limits is not None else ():
            if name in _RESOURCES:
                yield value


def _expressions(term: Value) -> Iterator[Value]:
    listed = given(term, "matchExpressions")
    for expression in listed.elements() if listed is not None else ():
        label = text_of(given(expression, "key"))
        operator = text_of(given(expression, "operator"))
        values = given(expression, "values")
        texts = [text_of(v) for v in values.elements()] if values is not None else []
        key = given(expression, "key")
        if key is None or label not in _LABELS:
            continue
        if (
            operator == "In"
            and texts
            and all(_is_confidential(label, t) for t in texts)
        ):
            yield key


def _is_confidential(label: str, value: str) -> bool:
    wanted = _LABELS.get(label)
    return wanted is not None and re.fullmatch(wanted, value) is not None
