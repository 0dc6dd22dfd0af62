"""Where pods are held to: selectors, affinities, queues of several clusters."""

from __future__ import annotations

import pytest

from mlsec_lint.lower import lower
from mlsec_lint.lower.kubernetes.place import whose
from mlsec_lint.scan import read
from mlsec_lint.value import Unknown

POD = """
apiVersion: v1
kind: Pod
metadata: {{name: p, labels: {{kueue.x-k8s.io/queue-name: q}}}}
spec:
  {spec}
  containers: [{{name: c, image: a}}]
"""
AFFINITY = (
    "affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: "
    "{{nodeSelectorTerms: [{{matchExpressions: [{{key: topology.kubernetes.io/{key}, "
    "operator: {operator}, values: [{values}]}}]}}]}}}}}}"
)


def workload(tmp_path, text):
    (tmp_path / "x.yaml").write_text(text)
    estate = lower(read(str(tmp_path)).inputs)
    return next(t for t in estate.of("workload") if t.address.startswith("Pod/"))


def places(thing):
    return [
        (
            provider.value,
            "unknown" if isinstance(region.value, Unknown) else region.value,
        )
        for provider, region in zip(
            thing.all_facts("place.provider"),
            thing.all_facts("place.region"),
            strict=True,
        )
    ]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("us-west-2a", ("aws", "us-west-2a")),
        ("us-west-2-lax-1a", ("aws", "us-west-2-lax-1a")),
        ("us-central1-a", ("gcp", "us-central1-a")),
        ("westeurope", ("azure", "westeurope")),
        ("westeurope-2", ("azure", "westeurope")),
        ("rack-7", ("", "")),
        ("", ("", "")),
    ],
)
def test_whose_place_a_label_is(label, expected):
    assert whose(label) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("restartPolicy: Never", []),
        (
            "nodeSelector: {topology.kubernetes.io/zone: us-west-2a}",
            [("aws", "us-west-2a")],
        ),
        (
            "nodeSelector: {topology.kubernetes.io/region: europe-west4}",
            [("gcp", "europe-west4")],
        ),
        ("nodeSelector: {topology.kubernetes.io/zone: rack-7}", [("", "unknown")]),
        (
            AFFINITY.format(key="region", operator="In", values="us-east-1, ap-east-1"),
            [("aws", "us-east-1"), ("aws", "ap-east-1")],
        ),
        (AFFINITY.format(key="region", operator="NotIn", values="us-east-1"), []),
    ],
)
def test_places_of_pods(tmp_path, spec, expected):
    assert places(workload(tmp_path, POD.format(spec=spec))) == expected


QUEUES = """
---
kind: LocalQueue
apiVersion: kueue.x-k8s.io/v1beta1
metadata: {name: q}
spec: {clusterQueue: c}
---
kind: ClusterQueue
apiVersion: kueue.x-k8s.io/v1beta1
metadata: {name: c}
spec: {admissionChecksStrategy: {admissionChecks: [{name: m}]}}
---
kind: AdmissionCheck
apiVersion: kueue.x-k8s.io/v1beta1
metadata: {name: m}
spec: {controllerName: kueue.x-k8s.io/multikueue, parameters: {name: k}}
---
kind: MultiKueueConfig
apiVersion: kueue.x-k8s.io/v1beta1
metadata: {name: k}
spec: {clusters: [a, b]}
"""


def test_a_queue_of_two_clusters_pins_nothing(tmp_path):
    thing = workload(tmp_path, POD.format(spec="restartPolicy: Never") + QUEUES)
    fact = thing.fact("place.pinned")
    assert fact is not None
    assert fact.value is False
    assert fact.span.text == "kueue.x-k8s.io/queue-name: q"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[a, b]", "[a]"),
        ("kueue.x-k8s.io/multikueue", "other"),
        ("name: c}", "name: d}"),
    ],
)
def test_one_cluster_or_no_multikueue_says_nothing(tmp_path, old, new):
    text = POD.format(spec="restartPolicy: Never") + QUEUES.replace(old, new)
    assert workload(tmp_path, text).fact("place.pinned") is None
