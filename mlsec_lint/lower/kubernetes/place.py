"""Where pods may be put: selectors of topology labels, and queues of several clusters.

Node labels are those of the clouds' controllers (topology.kubernetes.io, docs of v1.34,
2026-11). Which cloud's id a label's value is, no manifest says: it is the one whose
table has it; where several have it, only countries on which they agree are told.
MultiKueue gives a job to any of its worker clusters (kueue.sigs.k8s.io, 2026-11).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from mlsec_lint.estate.places import place_of, providers, state_place
from mlsec_lint.lower.kubernetes.pool_places import pool_places
from mlsec_lint.lower.scalars import given, text_of
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.kubernetes.index import Objects
    from mlsec_lint.lower.kubernetes.workload import Pod
    from mlsec_lint.value import Value

#: Labels of places, the narrowest first.
_LABELS = (
    "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/zone",
    "topology.gke.io/zone",
    "topology.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/region",
)
_CLOUDS = ("aws", "gcp", "azure")
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_QUEUE = "kueue.x-k8s.io/queue-name"
_MULTI = "kueue.x-k8s.io/multikueue"
_AZURE_ZONE = regex(r"^([a-z]+[a-z0-9]*)-\d$")


def lower_pod_places(inputs: Inputs, estate: Estate) -> None:
    """State the places that pods are held to, and whether a queue may send them away."""
    del estate
    objects = inputs.objects
    for pod in objects.pods if objects is not None else ():
        assert objects is not None
        _places(pod, objects)
        _dispatched(pod, objects)


def _places(pod: Pod, objects: Objects) -> None:
    if selected_places(pod.workload, pod.template.spec):
        return
    for value in pool_places(pod, objects, _LABELS):
        _state(pod.workload, value)


def selected_places(workload: Thing, spec: Value) -> bool:
    """State the places that a pod's `nodeSelector` or `affinity` holds it to, if any."""
    for label in _LABELS:
        found = list(_wanted(spec, label))
        for value in found:
            _state(workload, value)
        if found:
            return True
    return False


def _wanted(spec: Value, label: str) -> Iterator[Value]:
    """Values of a label that a node must have for the pod."""
    selector = given(spec, "nodeSelector")
    chosen = selector.get(label) if selector is not None else None
    if chosen is not None and isinstance(chosen.data, str | Unknown):
        yield chosen
        return
    terms = given(spec, "affinity", "nodeAffinity", _REQUIRED, "nodeSelectorTerms")
    for term in terms.elements() if terms is not None else ():
        expressions = given(term, "matchExpressions")
        for one in expressions.elements() if expressions is not None else ():
            if (
                text_of(one.get("key")) == label
                and text_of(one.get("operator")) == "In"
            ):
                listed = given(one, "values")
                yield from listed.elements() if listed is not None else ()


def _state(workload: Thing, value: Value) -> None:
    span = value.entry() or workload.span
    text = value.text()
    if isinstance(text, Unknown):
        state_place(workload, "aws", text._replace(possible=None, parts=()), span)
    elif isinstance(text, str) and text:
        provider, region = whose(text)
        if provider:
            state_place(workload, provider, region, span, trail=value.trail)
        else:
            why = f"which provider's place {text} is, the label does not say"
            state_place(workload, "", Unknown("unsupported", why, span=span), span)


@cache
def whose(label: str) -> tuple[str, str]:
    """The provider and id that a topology label's value means; ("", "") for nobody's.

    One of the three large clouds, if it is one's only; else any, if all agree.
    """
    azure = _AZURE_ZONE.match(label)
    for group in (_CLOUDS, providers()):
        found: list[tuple[str, str]] = []
        countries = set()
        for provider in group:
            region = azure[1] if azure and provider == "azure" else label
            place = place_of(provider, region)
            if place is not None:
                found.append((provider, region))
                countries.add(place.countries)
        if len(countries) == 1:
            return found[0]
        if countries:
            return "", ""
    return "", ""


# -- MultiKueue -----------------------------------------------------------------


def _dispatched(pod: Pod, objects: Objects) -> None:
    """A job in a queue of several worker clusters runs in any of them."""
    labels = given(pod.manifest.value, "metadata", "labels")
    queue = labels.get(_QUEUE) if labels is not None else None
    if queue is None or not (name := text_of(queue)):
        return
    local = objects.find("LocalQueue", name, pod.manifest)
    if local is None:
        return
    clusters = _clusters(
        text_of(given(local.value, "spec", "clusterQueue")), local, objects
    )
    if len(clusters) > 1 and pod.workload.fact("place.region") is None:
        span = queue.entry() or pod.workload.span
        pod.workload.state("place.pinned", value=False, span=span)


def _clusters(queue: str, near: Manifest, objects: Objects) -> tuple[str, ...]:
    """The worker clusters of a ClusterQueue; () where it has no MultiKueue check."""
    found = objects.find("ClusterQueue", queue, near, cluster=True)
    for check in _checks(found):
        admission = objects.find("AdmissionCheck", check, near, cluster=True)
        spec = given(admission.value, "spec") if admission is not None else None
        if text_of(given(spec, "controllerName")) != _MULTI:
            continue
        name = text_of(given(spec, "parameters", "name"))
        config = objects.find("MultiKueueConfig", name, near, cluster=True)
        listed = given(config.value, "spec", "clusters") if config else None
        if listed is not None:
            return tuple(text_of(one) for one in listed.elements())
    return ()


def _checks(queue: Manifest | None) -> Iterator[str]:
    """Names of the admission checks of a ClusterQueue, in both ways to name them."""
    spec = given(queue.value, "spec") if queue is not None else None
    plain = given(spec, "admissionChecks")
    for one in plain.elements() if plain is not None else ():
        yield text_of(one)
    listed = given(spec, "admissionChecksStrategy", "admissionChecks")
    for one in listed.elements() if listed is not None else ():
        yield text_of(one.get("name"))
