"""Policies of Kubernetes against the brute-force model of their definitions."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from network_model import (
    ADDRESSES,
    CALM,
    LABELS,
    PORTS,
    Target,
    brute,
    estate_of,
    goes,
    namespaces,
    pod,
    worlds,
)

from mlsec_lint.trace.pod_egress import egress_of, reaches
from mlsec_lint.value import Unknown


@CALM
@given(worlds(), st.sampled_from(["ml", "web"]), LABELS, LABELS)
def test_the_answer_is_that_of_the_definitions(world, space, labels, others):
    objects = [
        *namespaces(),
        pod("one", space, labels),
        pod("two", "web", others),
        *(one for part in world for one in part),
    ]
    estate = estate_of(objects)
    one = estate.find("workload", f"Pod/{space}/one")
    two = estate.find("workload", "Pod/web/two")
    egress = egress_of(estate, one)

    for address in ADDRESSES:
        for protocol, port in PORTS:
            target = Target(address)
            expected = brute(world, space, labels, target, protocol, port)
            assert goes(egress, address, protocol, port) == expected, (address, port)

    target = Target(space="web", labels=others)
    reached = reaches(estate, one, two)
    expected = any(
        brute(world, space, labels, target, protocol, port)
        for protocol, port in [
            *PORTS,
            ("TCP", 9),
            ("UDP", 9),
            ("OTHER", 0),
            ("TCP", 300),
        ]
    )
    if not isinstance(reached, Unknown):
        assert reached == expected
    assert isinstance(reached, Unknown) <= (
        "ipBlock" in json.dumps(world) or "networks" in json.dumps(world)
    )


@CALM
@given(worlds(), LABELS, st.data())
def test_hiding_a_label_never_turns_an_answer(world, labels, data):
    """A placeholder in a label or selector: certain answers hold for all its values."""
    objects = [*namespaces(), pod("one", "ml", {**labels, "app": "b"})]
    objects += [one for part in world for one in part]
    text = json.dumps(objects)
    places = [i for i in range(len(text)) if text.startswith('"b"', i)]
    at = data.draw(st.sampled_from(places))
    answers = {}
    for value in ("${X}", "a", "b", "c"):
        changed = json.loads(text[:at] + json.dumps(value) + text[at + 3 :])
        estate = estate_of(changed)
        answers[value] = egress_of(estate, estate.find("workload", "Pod/ml/one"))
    hidden = answers.pop("${X}")
    for other in answers.values():
        for fact in ("default_deny", "internet"):
            if not isinstance(getattr(hidden, fact), Unknown):
                assert getattr(hidden, fact) == getattr(other, fact)
        for address in ADDRESSES:
            for protocol, port in PORTS:
                if goes(hidden, address, protocol, port):
                    assert goes(other, address, protocol, port)
