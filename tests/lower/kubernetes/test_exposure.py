"""Services and fronts: from where they answer whom, and what answers."""

from __future__ import annotations

import pytest
from manifests import estate_of, only, targets, value

from mlsec_lint.lower.kubernetes.exposure.surfaces import (
    Program,
    own_login,
    surfaces,
)
from mlsec_lint.scan import read, survey

POD = """
    apiVersion: v1
    kind: Pod
    metadata: {name: llm, namespace: ml, labels: {app: llm}}
    spec:
      containers:
        - name: llm
          image: registry.lab.example/vllm/vllm-openai:1
          args: [--model, /models/llm]
          ports: [{containerPort: 8000, name: http}]
    """


def service(spec="", annotations="{}", target="8000", name="llm"):
    return f"""
    apiVersion: v1
    kind: Service
    metadata: {{name: {name}, namespace: ml, annotations: {annotations}}}
    spec: {{selector: {{app: llm}}, ports: [{{port: 80, targetPort: {target}}}]{spec}}}
    """


BALANCER = ", type: LoadBalancer"


@pytest.mark.parametrize(
    ("spec", "annotations", "expected"),
    [
        ("", "{}", "cluster"),
        (", type: ClusterIP", "{}", "cluster"),
        (", externalIPs: [192.0.2.4]", "{}", "node"),
        (", type: NodePort", "{}", "node"),
        (", type: '${TYPE}'", "{}", "?"),
        (BALANCER, "{}", "internet"),
        (', type: "LoadBalancer\\t"', "{}", "internet"),
        (BALANCER, "{networking.gke.io/load-balancer-type: Internal}", "network"),
        (BALANCER, "{networking.gke.io/load-balancer-type: External}", "internet"),
        (
            BALANCER,
            "{service.beta.kubernetes.io/azure-load-balancer-internal: 'true'}",
            "network",
        ),
        (
            BALANCER,
            "{service.beta.kubernetes.io/azure-load-balancer-internal: 'false'}",
            "internet",
        ),
        (
            BALANCER,
            "{service.beta.kubernetes.io/aws-load-balancer-internal: '${X}'}",
            "?",
        ),
        (
            BALANCER,
            "{service.beta.kubernetes.io/aws-load-balancer-type: external}",
            "network",
        ),
        (
            BALANCER,
            (
                "{service.beta.kubernetes.io/aws-load-balancer-type: external, "
                "service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing}"
            ),
            "internet",
        ),
        (BALANCER + ", loadBalancerSourceRanges: [192.0.2.0/24]", "{}", "network"),
        (BALANCER + ", loadBalancerSourceRanges: [0.0.0.0/0]", "{}", "internet"),
        (BALANCER + ", loadBalancerSourceRanges: ['${OFFICE}']", "{}", "?"),
        (BALANCER + ", loadBalancerClass: tailscale", "{}", "network"),
    ],
)
def test_where_a_service_answers(tmp_path, spec, annotations, expected):
    estate = estate_of(tmp_path, all__yaml=POD + "---" + service(spec, annotations))
    found = only(estate, "service")
    assert value(found, "exposure") == expected
    assert value(found, "surface.name") == "vLLM"
    assert targets(estate, found, "exposes") == ["Pod/ml/llm"]
    assert value(found, "anonymous.from") == expected


@pytest.mark.parametrize(
    ("target", "selector", "pods"),
    [
        ("8000", "{app: llm}", ["Pod/ml/llm"]),
        ("http", "{app: llm}", ["Pod/ml/llm"]),
        ("8000", "{app: other}", []),
        ("8000", "{app: llm, tier: x}", []),
        ("8000", "{app: '${APP}'}", ["Pod/ml/llm"]),
    ],
)
def test_pods_behind_a_service(tmp_path, target, selector, pods):
    text = service(BALANCER, target=target).replace("{app: llm}", selector)
    estate = estate_of(tmp_path, all__yaml=POD + "---" + text)
    found = only(estate, "service")
    assert targets(estate, found, "exposes") == pods
    certain = [edge.certain for edge in estate.edges_from(found, "exposes")]
    assert certain == (["$" not in selector] if pods else [])
    if "$" in selector:
        assert value(found, "anonymous.from") == "?"


def test_a_service_means_the_pod_of_its_own_file(tmp_path):
    other = POD.replace("vllm/vllm-openai", "ollama/ollama").replace(
        "name: llm, n", "name: two, n"
    )
    estate = estate_of(tmp_path, a__yaml=POD + "---" + service(BALANCER), b__yaml=other)
    assert targets(estate, only(estate, "service"), "exposes") == ["Pod/ml/llm"]


def ingress(more="", annotations="{}"):
    return f"""
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata: {{name: front, namespace: ml, annotations: {annotations}}}
    spec: {{defaultBackend: {{service: {{name: llm, port: {{number: 80}}}}}}{more}}}
    """


@pytest.mark.parametrize(
    ("more", "annotations", "expected"),
    [
        (", ingressClassName: gce-internal", "{}", "network"),
        ("", "{kubernetes.io/ingress.class: gce}", "internet"),
        (", ingressClassName: alb", "{}", "network"),
        (
            ", ingressClassName: alb",
            "{alb.ingress.kubernetes.io/scheme: internet-facing}",
            "internet",
        ),
        (
            ", ingressClassName: alb",
            (
                "{alb.ingress.kubernetes.io/scheme: internet-facing, "
                "alb.ingress.kubernetes.io/auth-type: oidc}"
            ),
            "nobody",
        ),
        (", ingressClassName: nginx", "{}", "?"),
        (
            ", ingressClassName: nginx",
            "{nginx.ingress.kubernetes.io/auth-url: 'https://login.lab.example'}",
            "nobody",
        ),
        (", ingressClassName: gce", "{konghq.com/plugins: x}", "?"),
    ],
)
def test_where_an_ingress_answers_strangers(tmp_path, more, annotations, expected):
    text = POD + "---" + service() + "---" + ingress(more, annotations)
    estate = estate_of(tmp_path, all__yaml=text)
    front = estate.find("service", "Ingress/ml/front")
    assert value(front, "anonymous.from") == expected


def test_iap_before_a_service_is_a_login(tmp_path):
    config = """
    apiVersion: cloud.google.com/v1
    kind: BackendConfig
    metadata: {name: iap, namespace: ml}
    spec: {iap: {enabled: %s}}
    """
    annotations = """{cloud.google.com/backend-config: '{"default": "iap"}'}"""
    for switch, expected in (("true", "nobody"), ("false", "internet")):
        text = POD + "---" + service(annotations=annotations) + "---"
        text += ingress(", ingressClassName: gce") + "---" + config % switch
        estate = estate_of(tmp_path, all__yaml=text)
        front = estate.find("service", "Ingress/ml/front")
        assert value(front, "anonymous.from") == expected


def test_a_port_of_a_login_proxy_is_no_open_door(tmp_path):
    proxied = POD.replace(
        "          ports: [{containerPort: 8000, name: http}]",
        """          ports: [{containerPort: 8000, name: http}]
        - name: proxy
          image: quay.io/oauth2-proxy/oauth2-proxy:7
          ports: [{containerPort: 4180}]""",
    )
    for target, expected in (("4180", True), ("8000", False), ("9000", "?")):
        text = proxied + "---" + service(BALANCER, target=target)
        found = only(estate_of(tmp_path, all__yaml=text), "service")
        assert value(found, "authenticated") == expected


@pytest.mark.parametrize(
    ("gateway", "expected"),
    [
        ("gke-l7-global-external-managed", "internet"),
        ("gke-l7-rilb", "network"),
        ("envoy", "?"),
        (None, "?"),
    ],
)
def test_where_a_route_answers_its_gateway_says(tmp_path, gateway, expected):
    route = """
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: front, namespace: ml}
    spec: {parentRefs: [{name: g}], rules: [{backendRefs: [{name: llm, port: 80}]}]}
    """
    text = POD + "---" + service() + "---" + route
    if gateway:
        text += f"""---
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {{name: g, namespace: ml}}
    spec: {{gatewayClassName: {gateway}}}
    """
    estate = estate_of(tmp_path, all__yaml=text)
    front = estate.find("service", "HTTPRoute/ml/front")
    assert value(front, "exposure") == expected


RAY = """
    apiVersion: ray.io/v1
    kind: RayCluster
    metadata: {name: r, namespace: ml}
    spec:
      headGroupSpec:
        %s
        rayStartParams: {dashboard-host: 0.0.0.0}
        template: {spec: {containers: [{name: h, image: "x/y:1", env: [%s]}]}}
      workerGroupSpecs:
        - groupName: w
          template: {spec: {containers: [{name: w, image: "x/y:1"}]}}
    """
TOKEN = "{name: RAY_AUTH_MODE, value: token}"


@pytest.mark.parametrize(
    ("more", "env", "expected"),
    [
        ("serviceType: ClusterIP", "", "cluster"),
        ("{}: null", "", "cluster"),
        ("serviceType: LoadBalancer", "", "internet"),
        ("serviceType: NodePort", "", "node"),
        ("serviceType: LoadBalancer", TOKEN, "nobody"),
        (
            (
                "headService: {spec: {type: LoadBalancer}, metadata: {annotations: "
                "{networking.gke.io/load-balancer-type: Internal}}}"
            ),
            "",
            "network",
        ),
    ],
)
def test_the_head_of_a_ray_cluster(tmp_path, more, env, expected):
    more = more if more != "{}: null" else "enableIngress: false"
    estate = estate_of(tmp_path, all__yaml=RAY % (more, env))
    found = only(estate, "service", surface="dashboard")
    assert value(found, "anonymous.from") == expected
    assert targets(estate, found, "exposes") == ["RayCluster/ml/r"]


def test_an_ingress_of_a_ray_cluster_may_be_public(tmp_path):
    estate = estate_of(tmp_path, all__yaml=RAY % ("enableIngress: true", ""))
    found = estate.find("service", "RayCluster/ml/r#head-ingress")
    assert {v.data for v in found.fact("exposure").value.possible} == {
        "internet",
        "network",
    }


@pytest.mark.parametrize(
    ("line", "environment", "name", "expected"),
    [
        ("jupyter lab --ip=0.0.0.0", {}, "Jupyter", True),
        ("jupyter lab --ServerApp.token= --x", {}, "Jupyter", False),
        ("jupyter lab --ServerApp.token=abc", {}, "Jupyter", True),
        ("mlflow server --app-name basic-auth", {}, "MLflow", True),
        ("mlflow server", {}, "MLflow", False),
        ("vllm serve m --api-key k", {}, "vLLM", True),
        ("vllm serve m --api-key=k", {}, "vLLM", True),
        ("vllm serve m --api-keyed", {}, "vLLM", False),
        ("vllm serve m", {"VLLM_API_KEY": "?"}, "vLLM", True),
        (
            "ray start --head",
            {"RAY_AUTH_MODE": "token"},
            "Ray dashboard and job API",
            True,
        ),
        (
            "ray start --head",
            {"RAY_AUTH_MODE": "off"},
            "Ray dashboard and job API",
            False,
        ),
    ],
)
def test_logins_of_programs_themselves(line, environment, name, expected):
    row = next(row for row in surfaces() if row.name == name)
    assert own_login(row, Program("", line, environment, None)) == expected


def test_a_policy_of_the_mesh_that_asks_who_is_there(tmp_path):
    policy = """
    apiVersion: security.istio.io/v1
    kind: AuthorizationPolicy
    metadata: {name: p, namespace: ml}
    spec: {action: %s, rules: %s}
    """
    asked = "[{from: [{source: {requestPrincipals: ['*']}}]}]"
    for action, rules, expected in (
        ("ALLOW", asked, True),
        ("ALLOW", "[{}]", False),
        ("ALLOW", asked[:-1] + ", {to: [{operation: {paths: [/]}}]}]", False),
        ("DENY", "[{from: [{source: {notRequestPrincipals: ['*']}}]}]", True),
        ("CUSTOM", "[{}]", True),
    ):
        text = POD + "---" + service(BALANCER) + "---" + policy % (action, rules)
        found = only(estate_of(tmp_path, all__yaml=text), "service")
        assert value(found, "authenticated") == expected, action


def test_a_ray_head_hands_jobs_to_the_workers_of_its_own_cluster(tmp_path):
    pod = "{spec: {containers: [{name: c, image: rayproject/ray}]}}"
    clusters = "".join(
        f"""
---
apiVersion: ray.io/v1
kind: RayCluster
metadata: {{name: {name}, namespace: a}}
spec:
  headGroupSpec: {{template: {pod}}}
  workerGroupSpecs:
    - {{groupName: x, template: {pod}}}
    - {{groupName: y, template: {pod}}}
"""
        for name in ("one", "two")
    )
    (tmp_path / "ray.yaml").write_text(clusters)
    estate = survey(read(str(tmp_path)))
    pairs = [
        (e.source.address, e.target.address)
        for e in estate.edges()
        if e.verb == "hands jobs to"
    ]
    assert pairs == [
        (f"RayCluster/a/{name}", f"RayCluster/a/{name}#{group}")
        for name in ("one", "two")
        for group in ("x", "y")
    ]
