"""Kinds of policy beyond Kubernetes' own, field by field."""

from __future__ import annotations

import pytest
from manifests import estate_of, only

from mlsec_lint.trace.pod_egress import egress_of
from mlsec_lint.value import Unknown

POD = """
    apiVersion: v1
    kind: Pod
    metadata: {name: p, namespace: ml, labels: {app: a}}
    spec: {serviceAccountName: trainer, containers: [{name: c, image: x}]}
    ---
    apiVersion: v1
    kind: Namespace
    metadata: {name: ml, labels: {team: a}}
    """


def asked(folder, *objects):
    """(default deny, internet, destinations) of the pod; "?" for what is not known."""
    estate = estate_of(folder, all__yaml="---".join([POD, *objects]))
    found = egress_of(estate, only(estate, "workload"))
    texts = [text for way in found.ways for text in way.texts()]
    answers = (found.default_deny, found.internet)
    return (*("?" if isinstance(a, Unknown) else a for a in answers), texts)


def cilium(spec, kind="CiliumNetworkPolicy"):
    return f"""
    apiVersion: cilium.io/v2
    kind: {kind}
    metadata: {{name: c, namespace: ml}}
    {spec}
    """


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("spec: {endpointSelector: {}, egress: [{}]}", (True, False, [])),
        (
            "spec: {endpointSelector: {}, egress: []}",
            (False, True, ["anywhere on all ports"]),
        ),
        (
            "spec: {endpointSelector: {}, egress: [{toFQDNs: [{matchPattern: '*.lab.example'}]}]}",
            (True, False, ["*.lab.example on all ports"]),
        ),
        (
            "spec: {endpointSelector: {}, egress: [{toFQDNs: [{matchPattern: '*'}]}]}",
            (True, True, ["* on all ports"]),
        ),
        (
            "spec: {endpointSelector: {}, egress: [{toEntities: [kube-apiserver]}]}",
            (True, False, ["the control plane on all ports"]),
        ),
        (
            (
                "specs: [{endpointSelector: {matchLabels: {app: b}}, egress: [{toEntities: [all]}]},"
                " {endpointSelector: {matchLabels: {'k8s:app': a}}, egress: [{}]}]"
            ),
            (True, False, []),
        ),
        (
            (
                "spec: {endpointSelector: {matchLabels: {io.cilium.k8s.policy.serviceaccount: "
                "trainer}}, egress: [{}]}"
            ),
            (True, False, []),
        ),
        (
            (
                "spec: {endpointSelector: {matchLabels: {io.cilium.k8s.namespace.labels.team: "
                "b}}, egress: [{}]}"
            ),
            (False, True, ["anywhere on all ports"]),
        ),
        (
            "spec: {endpointSelector: {}, egress: [{toCIDRSet: [{cidrGroupRef: g}]}]}",
            (True, "?", ["anywhere on all ports"]),
        ),
        (
            "spec: {endpointSelector: {}, egress: [{toCIDR: [10.0.0.0/8], icmps: [{}]}]}",
            (True, False, ["10.0.0.0/8 on other protocols"]),
        ),
        (
            "spec: {nodeSelector: {}, egress: [{}]}",
            (False, True, ["anywhere on all ports"]),
        ),
    ],
)
def test_cilium(tmp_path, spec, expected):
    assert asked(tmp_path, cilium(spec)) == expected


def test_groups_of_addresses_of_cilium(tmp_path):
    group = """
    apiVersion: cilium.io/v2alpha1
    kind: CiliumCIDRGroup
    metadata: {name: g}
    spec: {externalCIDRs: [198.51.100.0/24]}
    """
    spec = "spec: {endpointSelector: {}, egress: [{toCIDRSet: [{cidrGroupRef: g}]}]}"
    assert asked(tmp_path, cilium(spec), group) == (
        True,
        False,
        ["198.51.100.0/24 on all ports"],
    )


def calico(spec, kind="GlobalNetworkPolicy"):
    return f"""
    apiVersion: crd.projectcalico.org/v1
    kind: {kind}
    metadata: {{name: k, namespace: ml}}
    spec: {{{spec}}}
    """


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("selector: all(), types: [Egress]", (True, False, [])),
        ("selector: all(), types: [Ingress]", (False, True, ["anywhere on all ports"])),
        ("namespaceSelector: team == 'a', types: [Egress]", (True, False, [])),
        (
            "namespaceSelector: projectcalico.org/name == 'web', types: [Egress]",
            (False, True, ["anywhere on all ports"]),
        ),
        ("selector: pcns.team == 'a', types: [Egress]", (True, False, [])),
        (
            (
                "selector: all(), egress: [{action: Allow, protocol: TCP, destination: "
                "{nets: [10.0.0.0/8], ports: [443, '8000:8002'], notPorts: [8001]}}]"
            ),
            (True, False, ["10.0.0.0/8 on TCP 443, TCP 8000, TCP 8002"]),
        ),
        (
            "selector: all(), egress: [{action: Allow, destination: {domains: [x.example]}}]",
            (True, False, ["x.example on all ports"]),
        ),
        (
            "selector: all(), egress: [{action: Allow, destination: {selector: role == 'out'}}]",
            (
                True,
                False,
                [
                    "198.51.100.0/24 on all ports",
                    "some pods of all namespaces on all ports",
                ],
            ),
        ),
        (
            "selector: all(), egress: [{action: Allow, source: {selector: x == 'y'}}]",
            (True, "?", ["anywhere on all ports"]),
        ),
        ("selector: all() and, types: [Egress]", ("?", "?", ["anywhere on all ports"])),
        (
            "selector: all(), tier: early, types: [Egress]",
            ("?", "?", ["anywhere on all ports"]),
        ),
    ],
)
def test_calico(tmp_path, spec, expected):
    sets = """
    apiVersion: crd.projectcalico.org/v1
    kind: GlobalNetworkSet
    metadata: {name: s, labels: {role: out}}
    spec: {nets: [198.51.100.0/24]}
    """
    assert asked(tmp_path, calico(spec), sets) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (
            "tier: Baseline, egress: [{action: Deny, to: [{networks: [0.0.0.0/0, '::/0']}]}]",
            (True, False, []),
        ),
        (
            (
                "tier: Admin, priority: 1, egress: [{action: Accept, to: [{networks: [0.0.0.0/0]}], "
                "protocols: [{tcp: {destinationPort: {range: {start: 443, end: 444}}}}]}, "
                "{action: Deny, to: [{networks: [0.0.0.0/0, '::/0']}]}]"
            ),
            (True, True, ["0.0.0.0/0 on TCP 443-444"]),
        ),
        (
            (
                "tier: Admin, priority: 1, egress: [{action: Accept, to: [{domainNames: "
                "['*.lab.example']}]}, {action: Deny, to: [{networks: [0.0.0.0/0, '::/0']}]}]"
            ),
            (True, False, ["*.lab.example on all ports"]),
        ),
        (
            "tier: Admin, priority: 1, egress: [{action: '${A}', to: [{networks: [0.0.0.0/0]}]}]",
            ("?", "?", ["anywhere on all ports"]),
        ),
    ],
)
def test_cluster_network_policy(tmp_path, spec, expected):
    text = f"""
    apiVersion: policy.networking.k8s.io/v1alpha2
    kind: ClusterNetworkPolicy
    metadata: {{name: c}}
    spec: {{subject: {{namespaces: {{}}}}, {spec}}}
    """
    deny, internet, texts = asked(tmp_path, text)
    assert (deny, internet) == expected[:2]
    assert texts[: len(expected[2])] == expected[2]


def test_names_of_gke_are_an_allow_list_beside_a_default_deny(tmp_path):
    names = """
    apiVersion: networking.gke.io/v1alpha1
    kind: FQDNNetworkPolicy
    metadata: {name: f, namespace: ml}
    spec:
      podSelector: {}
      egress: [{matches: [{pattern: '*.lab.example'}], ports: [{protocol: TCP, port: 443}]}]
    """
    deny = """
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: n, namespace: ml}
    spec: {podSelector: {}, policyTypes: [Egress]}
    """
    assert asked(tmp_path / "alone", names)[:2] == ("?", "?")
    both = asked(tmp_path / "both", names, deny)
    assert both == (True, False, ["*.lab.example on TCP 443"])
