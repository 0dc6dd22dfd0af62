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


SERVE = """
    apiVersion: ray.io/v1
    kind: RayService
    metadata: {name: s, namespace: ml}
    spec:
      serveConfigV2: "applications: [{name: a, import_path: 'm:app'}]"
      %s
      rayClusterConfig:
        %s
        headGroupSpec:
          %s
          template: {spec: {containers: [{name: h, image: x/y}]}}
        workerGroupSpecs:
          - {groupName: w, template: {spec: {containers: [{name: w, image: x/y}]}}}
    """
INNER = "{networking.gke.io/load-balancer-type: Internal}"


@pytest.mark.parametrize(
    ("service", "group", "expected", "line"),
    [
        ("", "{}", "cluster", 3),
        ("", "serviceType: NodePort", "node", 11),
        ("serveService: {spec: {type: LoadBalancer}}", "{}", "internet", 7),
        ("serveService: {spec: {type: '${T}'}}", "{}", "?", 7),
        (
            "serveService: {spec: {type: ClusterIP}}",
            "serviceType: LoadBalancer",
            "cluster",
            7,
        ),
        (
            f"serveService: {{metadata: {{annotations: {INNER}}}, spec: {{}}}}",
            "serviceType: LoadBalancer",
            "network",
            11,
        ),
        (
            (
                "serveService: {spec: {type: LoadBalancer, "
                "loadBalancerSourceRanges: [192.0.2.0/24]}}"
            ),
            "{}",
            "network",
            7,
        ),
    ],
)
def test_the_applications_of_a_ray_service(tmp_path, service, group, expected, line):
    group = group if group != "{}" else "enableIngress: false"
    text = SERVE % (service or "{}: null", "{}: null", group)
    estate = estate_of(tmp_path, all__yaml=text.replace("{}: null", "suspend: false"))
    found = estate.find("service", "RayService/ml/s#serve-svc")
    assert value(found, "exposure") == value(found, "anonymous.from") == expected
    assert value(found, "surface.name") == "Ray Serve"
    assert targets(estate, found, "exposes") == ["RayService/ml/s", "RayService/ml/s#w"]
    span = found.fact("exposure").span
    assert span.source.position(span.start)[0] == line


def test_a_token_for_ray_is_none_for_its_applications(tmp_path):
    options = "authOptions: {mode: token}"
    text = SERVE % ("suspend: false", options, "serviceType: LoadBalancer")
    estate = estate_of(tmp_path, all__yaml=text)
    by_name = {value(t, "surface.name"): t for t in estate.of("service")}
    assert value(by_name["Ray dashboard and job API"], "anonymous.from") == "nobody"
    assert value(by_name["Ray Serve"], "anonymous.from") == "internet"
    for mode, expected in (("mode: disabled", False), ("secretName: x", "?")):
        changed = text.replace("mode: token", mode)
        estate = estate_of(tmp_path, all__yaml=changed)
        found = only(estate, "service", surface="dashboard")
        assert value(found, "authenticated") == expected


def test_annotations_of_the_head_service_stand_in_the_cluster(tmp_path):
    text = RAY.replace("spec:\n", f"spec:\n      headServiceAnnotations: {INNER}\n", 1)
    estate = estate_of(tmp_path, all__yaml=text % ("serviceType: LoadBalancer", ""))
    assert value(only(estate, "service"), "exposure") == "network"
    text = RAY.replace("namespace: ml}", f"namespace: ml, annotations: {INNER}}}")
    estate = estate_of(tmp_path, all__yaml=text % ("serviceType: LoadBalancer", ""))
    assert value(only(estate, "service"), "exposure") == "internet"


@pytest.mark.parametrize(
    ("kind", "more", "serves"),
    [
        ("RayCluster", "", False),
        ("RayCluster", "ray.io/enable-serve-service: 'true'", True),
        ("RayJob", "entrypoint: serve run app:main", True),
        ("RayJob", "entrypoint: python reserve run.py", False),
        ("RayJob", "entrypoint: observe run app", False),
    ],
)
def test_ray_serve_answers_only_where_something_serves(tmp_path, kind, more, serves):
    text = RAY.replace("x/y:1", "rayproject/ray:2.52.0") % (
        "serviceType: LoadBalancer",
        "",
    )
    if kind == "RayJob":
        inner = text[text.index("      headGroupSpec") :].replace("\n", "\n  ")
        head = text[: text.index("      headGroupSpec")]
        text = head.replace("RayCluster", "RayJob") + f"      {more}\n"
        text += "      rayClusterSpec:\n  " + inner
    elif more:
        text = text.replace(
            "namespace: ml}", f"namespace: ml, annotations: {{{more}}}}}"
        )
    estate = estate_of(tmp_path, all__yaml=text)
    names = {value(t, "surface.name") for t in estate.of("service")}
    assert ("Ray Serve" in names) is serves
    assert "Ray dashboard and job API" in names


@pytest.mark.parametrize(
    ("name", "port", "surface"),
    [
        ("s-serve-svc", "number: 8000", "Ray Serve"),
        ("s-head-svc", "number: 8265", "Ray dashboard and job API"),
        ("s-head-svc", "name: dashboard", "Ray dashboard and job API"),
        ("s-head-svc", "number: 8000", "Ray Serve"),
        ("other-head-svc", "number: 8265", None),
    ],
)
def test_an_ingress_before_a_service_that_kuberay_makes(tmp_path, name, port, surface):
    text = SERVE % ("suspend: false", "rayVersion: '2'", "enableIngress: false")
    front = ingress(", ingressClassName: gce").replace("name: llm", f"name: {name}")
    front = front.replace("number: 80}", f"{port}}}")
    estate = estate_of(tmp_path, all__yaml=text + "---" + front)
    found = estate.find("service", "Ingress/ml/front")
    assert value(found, "surface.name") == surface
    assert value(found, "exposure") == "internet"
    assert value(found, "anonymous.from") == ("internet" if surface else None)


@pytest.mark.parametrize(
    ("line", "number", "expected"),
    [
        ("tritonserver", None, False),
        ("tritonserver --http-restricted-api=inference:key=v", 8000, True),
        ("tritonserver --http-restricted-api=inference:key=v", 8001, False),
        ("tritonserver --http-restricted-api=inference:key=v", None, "?"),
        ("tritonserver --http-restricted-api=model-repository:key=v", 8000, False),
        (
            "tritonserver --http-restricted-api health,inference:key=v --allow-grpc=false",
            None,
            True,
        ),
        (
            (
                "tritonserver --http-restricted-api=inference:k=v --http-port=9000 "
                "--grpc-restricted-protocol=inference:k=v"
            ),
            9000,
            True,
        ),
    ],
)
def test_triton_asks_only_for_the_apis_that_it_names(line, number, expected):
    row = next(row for row in surfaces() if row.name == "Triton")
    found = own_login(row, Program("", line, {}, None), number)
    assert (found if isinstance(found, bool) else "?") == expected


@pytest.mark.parametrize(
    ("image", "more", "expected"),
    [
        ("pytorch/torchserve:0.12.0-gpu", "", True),
        ("pytorch/torchserve:0.11.1-cpu", "", True),
        ("pytorch/torchserve:0.11.0-cpu", "", False),
        ("pytorch/torchserve-kfs:0.9.0", "", False),
        ("pytorch/torchserve", "", True),
        ("pytorch/torchserve:latest-gpu", "", True),
        ("pytorch/torchserve:nightly", "", "?"),
        ("pytorch/torchserve@sha256:ab", "", "?"),
        ("lab.example/serve:0.2", "", "?"),
        ("pytorch/torchserve:0.12.0", "--ts-config /x/config.properties", "?"),
        ("pytorch/torchserve:0.9.0", "--ts-config /x/config.properties", False),
        ("pytorch/torchserve:0.12.0", "--disable-token-auth", False),
    ],
)
def test_torchserve_asks_for_a_token_since_a_version(image, more, expected):
    row = next(row for row in surfaces() if row.name == "TorchServe")
    line = f"torchserve --start {more}"
    found = own_login(row, Program(image, line, {}, None))
    assert (found if isinstance(found, bool) else "?") == expected
    mounted = Program(
        "pytorch/torchserve:0.12.0", "", {}, None, ("/home/model-server",)
    )
    assert own_login(row, mounted).why.startswith("whether the config file")


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


def test_a_port_that_a_variable_names(tmp_path):
    pod = POD.replace("vllm/vllm-openai:1", "nvidia/tritonserver:25.10-py3").replace(
        "args: [--model, /models/llm]",
        "args: [tritonserver, '--http-port=$(PORT)']\n"
        "          env: [{name: PORT, value: '9000'}]",
    )
    for port, name in (("9000", "Triton"), ("9100", None)):
        text = pod + "---" + service(BALANCER, target=port)
        found = only(estate_of(tmp_path, all__yaml=text), "service")
        assert value(found, "surface.name") == name
