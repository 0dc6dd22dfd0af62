"""Whether a pod asks for accelerators. Resource names as of 2026-11-24.

Sources: the device plugins' documentation of NVIDIA, AMD, Google (TPU), AWS (Neuron),
Intel (Gaudi, GPU), Huawei (Ascend) and the node labels that GKE, EKS, AKS and GPU
feature discovery set.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.lower.scalars import given, text_of
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.lower.kubernetes.templates import PodTemplate
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

_RESOURCE = regex(
    r"(?:nvidia\.com/(?:gpu|mig-|pgpu|vgpu)|amd\.com/gpu|google\.com/tpu"
    r"|cloud-tpus\.google\.com/|aws\.amazon\.com/neuron|habana\.ai/gaudi"
    r"|gpu\.intel\.com/|intel\.com/(?:gaudi|gpu)|huawei\.com/[Aa]scend|huawei\.com/npu"
    r"|aliyun\.com/gpu|tencent\.com/vcuda|cambricon\.com/|tenstorrent\.com/"
    r"|qualcomm\.com/qaic|hygon\.com/dcu|metax-tech\.com/gpu|rdna\.amd\.com/)"
)
_LABEL = regex(
    r"(?:cloud\.google\.com/(?:gke-accelerator|gke-tpu-accelerator|gke-gpu|gke-tpu-topology)"
    r"|nvidia\.com/(?:gpu|mig|cuda)|amd\.com/gpu|k8s\.amazonaws\.com/accelerator"
    r"|karpenter\.k8s\.aws/instance-(?:gpu|accelerator)|eks\.amazonaws\.com/instance-gpu"
    r"|habana\.ai/gaudi|kubernetes\.azure\.com/accelerator|gpu\.nvidia\.com/)"
)
_INSTANCE_KEYS = frozenset(
    {"node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"}
)
_INSTANCE = regex(
    r"(?:ml\.)?(?:p[2-6][a-z0-9]*|g[3-7][a-z0-9]*|trn\d[a-z0-9]*|inf\d|dl[12]q?)\."
    r"|(?:a[234]-(?:high|mega|ultra|mega)gpu|g2-standard|a4x?-|ct[456]|ct\d)"
    r"|Standard_N[CDV]"
)


def pod_accelerator(template: PodTemplate) -> tuple[bool, Span | None]:
    """Whether a pod asks for accelerators, and the entry that says so."""
    for _, container in template.containers:
        found, span = container_accelerator(container)
        if found:
            return True, span
    return _selected(template.spec)


def container_accelerator(container: Value) -> tuple[bool, Span | None]:
    """Whether a container's own limits or requests name an accelerator."""
    for block in ("limits", "requests"):
        listed = given(container, "resources", block)
        for name, amount in listed.items() if listed is not None else ():
            if _RESOURCE.match(name) and text_of(amount) not in ("0", ""):
                return True, amount.entry()
            if _RESOURCE.match(name) and isinstance(amount.data, Unknown):
                return True, amount.entry()
            if _RESOURCE.match(name) and "$" in str(amount.data):
                return True, amount.entry()
    return False, None


def _selected(spec: Value) -> tuple[bool, Span | None]:
    selector = given(spec, "nodeSelector")
    for name, value in selector.items() if selector is not None else ():
        if _LABEL.match(name) and text_of(value) not in ("false", "none"):
            return True, value.entry()
        if name in _INSTANCE_KEYS and _INSTANCE.match(text_of(value)):
            return True, value.entry()
    required = given(
        spec,
        "affinity",
        "nodeAffinity",
        "requiredDuringSchedulingIgnoredDuringExecution",
        "nodeSelectorTerms",
    )
    for term in required.elements() if required is not None else ():
        found = _term(term)
        if found is not None:
            return True, found
    claims = given(spec, "resourceClaims")
    for claim in claims.elements() if claims is not None else ():
        named = text_of(claim.get("resourceClaimTemplateName"))
        if re.search(r"gpu|tpu|neuron|gaudi", named or text_of(claim.get("name"))):
            return True, claim.span
    return False, None


def _term(term: Value) -> Span | None:
    expressions = given(term, "matchExpressions")
    for expression in expressions.elements() if expressions is not None else ():
        key = text_of(expression.get("key"))
        if text_of(expression.get("operator")) not in ("In", "Exists", "Gt"):
            continue
        values = given(expression, "values")
        texts = [text_of(v) for v in values.elements()] if values is not None else []
        by_type = key in _INSTANCE_KEYS and texts and all(map(_INSTANCE.match, texts))
        if (_LABEL.match(key) and "false" not in texts) or by_type:
            return expression.span
    return None
