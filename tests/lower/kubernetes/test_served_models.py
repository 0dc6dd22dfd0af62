"""From where models answer that operators serve: KServe, NVIDIA NIM, inference pools."""

from __future__ import annotations

import pytest
from manifests import estate_of, only, values

ISVC = """
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: llm, namespace: ml, %s}
spec:
  predictor:
    model: {modelFormat: {name: huggingface}, storageUri: "s3://lab-weights/llm"}
"""
CONFIG = """
---
apiVersion: v1
kind: ConfigMap
metadata: {name: inferenceservice-config, namespace: kserve}
data:
  ingress: '{"disableIngressCreation": true}'
"""
LOCAL = 'labels: {"networking.kserve.io/visibility": cluster-local}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ISVC % "labels: {}", ("?", False, "?")),
        (ISVC % LOCAL, ("cluster", False, "cluster")),
        (
            ISVC % LOCAL.replace("kserve.io", "knative.dev"),
            ("cluster", False, "cluster"),
        ),
        (ISVC % LOCAL.replace("cluster-local", "$WHO"), ("?", False, "?")),
        (ISVC % "labels: {}" + CONFIG, ("cluster", False, "cluster")),
        (ISVC % "labels: {}" + CONFIG.replace("true", "false"), ("?", False, "?")),
        (
            ISVC % 'annotations: {"security.opendatahub.io/enable-auth": "true"}',
            ("?", True, "nobody"),
        ),
    ],
)
def test_kserve(tmp_path, text, expected):
    estate = estate_of(tmp_path, a__yaml=text)
    service = only(estate, "service")
    assert values(service, "exposure", "authenticated", "anonymous.from") == expected
    assert values(service, "surface", "surface.name") == ("model", "KServe")
    assert [e.target.name for e in estate.edges_from(service, "exposes")]


NIM = """
apiVersion: apps.nvidia.com/v1alpha1
kind: NIMService
metadata: {name: llm, namespace: nim}
spec:
  image: {repository: nvcr.io/nim/meta/llama, tag: "1"}
  storage: {pvc: {name: models}}
  expose: %s
"""
INTERNAL = "{'networking.gke.io/load-balancer-type': Internal}"


@pytest.mark.parametrize(
    ("expose", "expected"),
    [
        ("{}", ["cluster"]),
        ("{service: {type: ClusterIP, port: 8000}}", ["cluster"]),
        ("{service: {type: NodePort}}", ["node"]),
        ("{service: {type: LoadBalancer}}", ["internet"]),
        (f"{{service: {{type: LoadBalancer, annotations: {INTERNAL}}}}}", ["network"]),
        ("{service: {type: $TYPE}}", ["?"]),
        ("{ingress: {enabled: true, spec: {ingressClassName: nginx}}}", ["cluster", "?"]),
        ("{ingress: {enabled: false, spec: {ingressClassName: nginx}}}", ["cluster"]),
        ("{ingress: {enabled: true, spec: {ingressClassName: gce}}}", ["cluster", "internet"]),
        ("{router: {ingress: {ingressClass: nginx}}}", ["cluster", "?"]),
    ],
)  # fmt: skip
def test_nim(tmp_path, expose, expected):
    estate = estate_of(tmp_path, a__yaml=NIM % expose)
    found = [values(s, "anonymous.from")[0] for s in estate.of("service")]
    assert found == expected
    for service in estate.of("service"):
        (edge,) = estate.edges_from(service, "exposes")
        assert edge.target.name == "NIMService/nim/llm"


LLM = """
apiVersion: serving.kserve.io/v1alpha1
kind: LLMInferenceService
metadata: {name: llm, namespace: ml}
spec:
  model: {uri: "hf://lab/llm", name: llm}
  %s
"""


@pytest.mark.parametrize(
    ("router", "expected"),
    [
        ("replicas: 1", "cluster"),
        ("router: {route: {}}", "?"),
        ("router: {}", "cluster"),
    ],
)
def test_llm_inference_service(tmp_path, router, expected):
    estate = estate_of(tmp_path, a__yaml=LLM % router)
    assert values(only(estate, "service"), "exposure") == (expected,)


POOL = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: vllm, namespace: ml}
spec:
  selector: {matchLabels: {app: vllm}}
  template:
    metadata: {labels: {app: vllm}}
    spec:
      containers:
        - name: vllm
          image: vllm/vllm-openai:v0.11.0
          args: [--model, lab/llm]
          ports: [{containerPort: 8000}]
---
apiVersion: inference.networking.k8s.io/v1
kind: InferencePool
metadata: {name: pool, namespace: ml}
spec: %s
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: front, namespace: ml}
spec: {gatewayClassName: gke-l7-global-external-managed}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: route, namespace: ml}
spec:
  parentRefs: [{name: front}]
  rules: [{backendRefs: [{group: inference.networking.k8s.io, kind: InferencePool, name: pool}]}]
"""


@pytest.mark.parametrize(
    "spec",
    [
        "{selector: {matchLabels: {app: vllm}}, targetPorts: [{number: 8000}]}",
        "{selector: {app: vllm}, targetPortNumber: 8000}",
    ],
)
def test_inference_pool_behind_a_route(tmp_path, spec):
    estate = estate_of(tmp_path, a__yaml=POOL % spec)
    route = only(estate, "service")
    assert values(route, "surface", "anonymous.from") == ("model", "internet")
    (edge,) = estate.edges_from(route, "exposes")
    assert edge.target.name == "Deployment/ml/vllm"
