"""Which policies apply to which pods, what nobody can tell, and what is bounded."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from manifests import estate_of, only, value
from network_model import CALM

from mlsec_lint.estate.addresses import (
    EVERY_ADDRESS,
    Addresses,
    intersect,
    is_internet,
    network,
    size,
    subtract,
    union,
)
from mlsec_lint.estate.selectors import Labels, holds
from mlsec_lint.lower.kubernetes.network.calico_selector import parse_selector
from mlsec_lint.trace.egress_facts import trace_pod_egress
from mlsec_lint.trace.pod_egress import egress_of
from mlsec_lint.value import Unknown


def pod(labels="{app: a}", space=", namespace: ml", spec="", kind="Pod", more=""):
    return f"""
    apiVersion: v1
    kind: {kind}
    metadata: {{name: p{space}, labels: {labels}{more}}}
    spec: {{containers: [{{name: c, image: x}}]{spec}}}
    """


def policy(spec="podSelector: {}, policyTypes: [Egress]", space=", namespace: ml"):
    return f"""
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {{name: n{space}}}
    spec: {{{spec}}}
    """


NAMESPACE = """
    apiVersion: v1
    kind: Namespace
    metadata: {name: ml, labels: {team: a%s}}
    """


def denied(folder, **files):
    """Whether the only pod is isolated: True, False or "?"."""
    estate = estate_of(folder, **files)
    trace_pod_egress(estate, None)
    return value(only(estate, "workload"), "egress.default_deny")


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("podSelector: {}, policyTypes: [Egress]", True),
        ("podSelector: {}", False),
        ("podSelector: {}, egress: []", False),
        ("podSelector: {}, egress: [{to: [{podSelector: {}}]}]", True),
        ("podSelector: {}, policyTypes: [Ingress], egress: [{}]", False),
        ("policyTypes: [Egress]", True),
        ("podSelector: {matchLabels: {app: b}}, policyTypes: [Egress]", False),
        ("podSelector: {matchLabels: {app: '${APP}'}}, policyTypes: [Egress]", "?"),
        ("podSelector: {}, policyTypes: ['${TYPE}']", "?"),
        ("podSelector: {matchNames: [a]}, policyTypes: [Egress]", "?"),
    ],
)
def test_when_a_policy_isolates(tmp_path, spec, expected):
    assert denied(tmp_path, a__yaml=pod() + "---" + policy(spec)) == expected


@pytest.mark.parametrize(
    ("where", "own", "expected"),
    [
        (", namespace: ml", ", namespace: ml", True),
        (", namespace: ml", ", namespace: web", "?"),
        ("", "", True),
        (", namespace: ml", "", "?"),
        (", namespace: '${NS}'", ", namespace: ml", "?"),
        (", namespace: '${NS}'", ", namespace: '${NS}'", True),
    ],
)
def test_namespaces_of_policy_and_pod(tmp_path, where, own, expected):
    text = pod(space=own) + "---" + policy(space=where)
    assert denied(tmp_path, a__yaml=text) == expected


def test_without_a_namespace_folders_tell_what_is_applied_together(tmp_path):
    files = {"one___a__yaml": pod(space=""), "one___b__yaml": policy(space="")}
    assert denied(tmp_path / "same", **files) is True
    files = {"one___a__yaml": pod(space=""), "two___x___b__yaml": policy(space="")}
    assert denied(tmp_path / "apart", **files) == "?"


def test_overlays_of_one_base_are_no_cluster_together(tmp_path):
    """A policy of the one says nothing about the pod of the other."""
    base = "resources: [pod.yaml, ns.yaml]\n"
    with_policy = "resources: [../base, policy.yaml]\nnamespace: ml\n"
    estate = estate_of(
        tmp_path,
        base___kustomization__yaml=base,
        base___pod__yaml=pod(),
        base___ns__yaml=NAMESPACE % "",
        prod___kustomization__yaml=with_policy,
        prod___policy__yaml=policy(),
        dev___kustomization__yaml="resources: [../base]\nnamespace: ml\n",
    )
    trace_pod_egress(estate, None)
    found = {w.root: value(w, "egress.default_deny") for w in estate.of("workload")}
    assert found == {"prod": True, "dev": False}


@pytest.mark.parametrize(
    ("kind", "labels", "expected"),
    [
        ("Pod", "{}", False),
        ("Deployment", "{}", False),
        ("UnheardOf", "{}", "?"),
        ("UnheardOf", "{app: a}", True),
        ("UnheardOf", "{app: b}", False),
    ],
)
def test_controllers_that_nobody_knows_may_add_labels(tmp_path, kind, labels, expected):
    text = f"""
    apiVersion: example.org/v1
    kind: {kind}
    metadata: {{name: p, namespace: ml}}
    spec:
      template:
        metadata: {{labels: {labels}}}
        spec: {{containers: [{{name: c, image: x}}]}}
    """
    spec = "podSelector: {matchLabels: {app: a}}, policyTypes: [Egress]"
    assert denied(tmp_path, a__yaml=text + "---" + policy(spec)) == expected


def test_labels_that_a_controller_adds_are_seen(tmp_path):
    ray = """
    apiVersion: ray.io/v1
    kind: RayCluster
    metadata: {name: r, namespace: ml}
    spec:
      headGroupSpec: {template: {spec: {containers: [{name: h, image: x}]}}}
    """
    for labels, expected in (
        ("ray.io/cluster: r, ray.io/node-type: head", True),
        ("ray.io/cluster: r, ray.io/node-type: worker", False),
        ("ray.io/cluster: s", False),
    ):
        spec = f"podSelector: {{matchLabels: {{{labels}}}}}, policyTypes: [Egress]"
        assert denied(tmp_path, a__yaml=ray + "---" + policy(spec)) is expected


def test_the_nodes_network_is_past_every_policy(tmp_path):
    text = pod(spec=", hostNetwork: true") + "---" + policy()
    assert denied(tmp_path, a__yaml=text) is False
    text = pod(spec=", hostNetwork: '${HOST}'") + "---" + policy()
    assert denied(tmp_path, a__yaml=text) == "?"


def test_a_pod_alone_says_nothing_about_its_cluster(tmp_path):
    assert denied(tmp_path / "a", a__yaml=pod()) == "?"
    assert denied(tmp_path / "b", a__yaml=pod() + "---" + NAMESPACE % "") is False


MESH = """
    apiVersion: networking.istio.io/v1
    kind: Sidecar
    metadata: {name: default, namespace: %s}
    spec: {outboundTrafficPolicy: {mode: %s}}
    """


@pytest.mark.parametrize(
    ("inject", "mode", "where", "expected"),
    [
        (", istio-injection: enabled", "REGISTRY_ONLY", "ml", "?"),
        (", istio-injection: enabled", "REGISTRY_ONLY", "istio-system", "?"),
        (", istio-injection: enabled", "ALLOW_ANY", "ml", True),
        (", istio-injection: enabled", "REGISTRY_ONLY", "web", True),
        ("", "REGISTRY_ONLY", "ml", True),
    ],
)
def test_a_side_car_makes_an_open_internet_unknown_never_closed(
    tmp_path, inject, mode, where, expected
):
    text = pod() + "---" + NAMESPACE % inject + "---" + MESH % (where, mode)
    estate = estate_of(tmp_path, a__yaml=text)
    found = egress_of(estate, only(estate, "workload")).internet
    assert ("?" if isinstance(found, Unknown) else found) == expected


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("ipBlock: {cidr: 0.0.0.0/0}", True),
        ("ipBlock: {cidr: 0.0.0.0/0, except: [0.0.0.0/1, 128.0.0.0/1]}", False),
        ("ipBlock: {cidr: '::/0'}", True),
        ("ipBlock: {cidr: 10.0.0.0/8}", False),
        ("ipBlock: {cidr: 100.0.0.0/7}", True),
        ("ipBlock: {cidr: 52.94.0.0/16}", False),
        ("ipBlock: {cidr: none}", "?"),
        ("ipBlock: {cidr: 10.0.0.0/8, except: ['${X}']}", False),
        ("ipBlock: {cidr: 0.0.0.0/0, except: ['${X}']}", "?"),
        ("namespaceSelector: {}", False),
        ("somethingNew: {}", "?"),
    ],
)
def test_what_opens_the_internet(tmp_path, peer, expected):
    spec = f"podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{{{peer}}}]}}]"
    estate = estate_of(tmp_path, a__yaml=pod() + "---" + policy(spec))
    found = egress_of(estate, only(estate, "workload")).internet
    assert ("?" if isinstance(found, Unknown) else found) == expected


def test_too_many_policies_are_noted_and_nothing_is_concluded(tmp_path):
    spec = (
        "podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [z]}]}, "
        "policyTypes: [Egress]"
    )
    text = pod() + "".join("\n---\n" + policy(spec) for _ in range(600))
    estate = estate_of(tmp_path, a__yaml=text)
    assert isinstance(egress_of(estate, only(estate, "workload")).default_deny, Unknown)
    assert [note.kind for note in estate.notes] == ["bound"]


NUMBERS = st.integers(0, 60)
RANGES = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=5).map(
    lambda pairs: union((), tuple((min(p), max(p)) for p in pairs))
)


@CALM
@given(RANGES, RANGES)
def test_ranges_are_sets(one, other):
    def members(ranges):
        return {n for low, high in ranges for n in range(low, high + 1)}

    for operation, expected in (
        (union, members(one) | members(other)),
        (intersect, members(one) & members(other)),
        (subtract, members(one) - members(other)),
    ):
        found = operation(one, other)
        assert members(found) == expected
        assert size(found) == len(expected)
        assert all(a[1] + 1 <= b[0] for a, b in itertools.pairwise(found))


def test_addresses_in_words():
    found = network("10.0.0.7/8")
    assert found.text() == "10.0.0.0/8"
    less = found.subtract(network("10.0.0.0/9"))
    assert less.text() == "10.128.0.0/9"
    assert (
        Addresses(((1, 6),)).text() == "0.0.0.1/32, 0.0.0.2/31, 0.0.0.4/31, 0.0.0.6/32"
    )
    assert EVERY_ADDRESS.text() == "0.0.0.0/0, ::/0"
    assert network("10.0.0.0/33") is None
    assert not is_internet(network("52.0.0.0/9"))


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("a == 'x'", {"a": "x"}, True),
        ("a == 'x' && has(b)", {"a": "x"}, False),
        ("a != 'x'", {}, True),
        ("a in {'x', 'y'} || b == 'z'", {"b": "z"}, True),
        ("!(a in {'x'}) && !has(c)", {"a": "y"}, True),
        ("a not in {'x'}", {"a": "x"}, False),
        ("k8s.io/a starts with 'x'", {"k8s.io/a": "xy"}, True),
        ("a contains 'b'", {"a": "abc"}, True),
        ("a ends with 'b'", {"a": "abc"}, False),
        ("global()", {"a": "abc"}, False),
        ("  ", {}, True),
        ("a = 'x'", {"a": "x"}, "?"),
        ("a == 'x' b", {"a": "x"}, "?"),
        ("(" * 500 + "all()" + ")" * 500, {}, "?"),
        ("!" * 5000 + "all()", {}, "?"),
    ],
)
def test_calicos_selectors(text, labels, expected):
    found = holds(parse_selector(text), Labels(labels))
    assert ("?" if isinstance(found, Unknown) else found) == expected


@CALM
@given(st.text(alphabet="ab ()!&|='\"{},has.not in", max_size=60))
def test_no_selector_text_breaks_the_parser(text):
    holds(parse_selector(text), Labels({"a": "b"}))


def test_edges_say_where_a_pod_may_connect_to_and_by_which_line(tmp_path):
    spec = (
        "podSelector: {}, policyTypes: [Egress], egress: "
        "[{to: [{ipBlock: {cidr: 52.94.0.0/16}}, {podSelector: {}}], ports: [{port: 443}]}]"
    )
    estate = estate_of(tmp_path, a__yaml=pod() + "---" + policy(spec))
    trace_pod_egress(estate, None)
    found = estate.edges_from(only(estate, "workload"), "may connect to")
    said = [(e.target.address, e.words, e.span.text, e.certain) for e in found]
    assert said == [
        ("network:52.94.0.0/16", "on TCP 443", "cidr: 52.94.0.0/16", True),
        ("inside:pods of its own namespace", "on TCP 443", "podSelector: {}", True),
    ]
    applied = estate.edges_to(only(estate, "workload"), "applies to")
    assert [edge.source.address for edge in applied] == ["NetworkPolicy/ml/n"]


def test_an_open_internet_that_nobody_can_tell_is_an_edge_in_doubt(tmp_path):
    estate = estate_of(tmp_path, a__yaml=pod())
    trace_pod_egress(estate, None)
    (edge,) = estate.edges_from(only(estate, "workload"), "may connect to")
    assert (edge.target.address, edge.certain) == ("internet", False)
