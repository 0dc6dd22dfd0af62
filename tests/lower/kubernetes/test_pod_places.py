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


NODE_POOL = """
---
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: %s}
spec:
  template:
    metadata: {labels: {team: train}}
    spec:
      requirements: [{key: topology.kubernetes.io/%s, operator: %s, values: [%s]}]
"""
EAST = NODE_POOL % ("gpu", "zone", "In", "us-east-1a, us-east-1b")
BARE = NODE_POOL.replace("requirements", "others") % ("other", "zone", "In", "x")


@pytest.mark.parametrize(
    ("spec", "pools", "expected"),
    [
        ("nodeSelector: {karpenter.sh/nodepool: gpu}", EAST, ["us-east-1a", "us-east-1b"]),
        ("nodeSelector: {team: train}", EAST, ["us-east-1a", "us-east-1b"]),
        ("nodeSelector: {team: serve}", EAST, []),
        ("nodeSelector: {karpenter.sh/nodepool: other}", EAST, []),
        ("nodeSelector: {team: train}", EAST + BARE, []),
        ("nodeSelector: {karpenter.sh/nodepool: gpu}", EAST + BARE, ["us-east-1a", "us-east-1b"]),
        ("", EAST, []),
        ("nodeSelector: {team: train}", NODE_POOL % ("gpu", "zone", "NotIn", "us-east-1a"), []),
        ("nodeSelector: {team: train}", NODE_POOL % ("gpu", "region", "In", "ap-east-1"), ["ap-east-1"]),
        ("nodeSelector: {team: train, topology.kubernetes.io/zone: eu-west-1a}", EAST, ["eu-west-1a"]),
    ],
)  # fmt: skip
def test_places_of_the_pool_that_a_pod_picks(tmp_path, spec, pools, expected):
    thing = workload(tmp_path, POD.format(spec=spec) + pools)
    assert [region for _, region in places(thing)] == expected


QUEUE = """
---
apiVersion: kueue.x-k8s.io/v1beta1
kind: LocalQueue
metadata: {name: q}
spec: {clusterQueue: all}
---
apiVersion: kueue.x-k8s.io/v1beta1
kind: ClusterQueue
metadata: {name: all}
spec: {resourceGroups: [{flavors: [{name: one}, {name: two}]}]}
---
apiVersion: kueue.x-k8s.io/v1beta1
kind: ResourceFlavor
metadata: {name: one}
spec: {nodeLabels: {topology.kubernetes.io/region: us-east-1}}
---
apiVersion: kueue.x-k8s.io/v1beta1
kind: ResourceFlavor
metadata: {name: two}
spec: {nodeLabels: {%s}}
"""


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("topology.kubernetes.io/region: ap-east-1", ["us-east-1", "ap-east-1"]),
        ("topology.kubernetes.io/region: $REGION", ["us-east-1", "unknown"]),
        ("gpu: h100", []),
    ],
)
def test_places_of_the_flavours_of_a_queue(tmp_path, labels, expected):
    thing = workload(tmp_path, POD.format(spec="") + QUEUE % labels)
    assert [region for _, region in places(thing)] == expected


def test_zones_of_a_compute_class(tmp_path):
    kind = """
---
apiVersion: cloud.google.com/v1
kind: ComputeClass
metadata: {name: h100}
spec: {priorities: [{location: {zones: [us-central1-a]}}%s]}
"""
    spec = "nodeSelector: {cloud.google.com/compute-class: h100}"
    thing = workload(tmp_path, POD.format(spec=spec) + kind % "")
    assert places(thing) == [("gcp", "us-central1-a")]
    thing = workload(tmp_path, POD.format(spec=spec) + kind % ", {spot: true}")
    assert places(thing) == []
