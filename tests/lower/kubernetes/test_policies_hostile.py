"""Objects with anything anywhere: nothing breaks, and what is stated has its type."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from network_model import CALM

from mlsec_lint.estate import Estate
from mlsec_lint.kubernetes.objects import Item, manifest
from mlsec_lint.lower.inputs import Inputs
from mlsec_lint.lower.kubernetes import lower_kubernetes
from mlsec_lint.lower.kubernetes.exposure import lower_exposure
from mlsec_lint.lower.kubernetes.network import lower_network
from mlsec_lint.lower.kubernetes.rbac import lower_rbac
from mlsec_lint.parse.json import json_documents
from mlsec_lint.parse.yaml import yaml_documents
from mlsec_lint.source import Source
from mlsec_lint.trace import trace

POLICIES = Path(__file__).resolve().parents[3] / "policies"
RULES = (
    "egress/egress-default-deny",
    "egress/egress-no-allow-all",
    "access/access-rbac-sensitive-verbs",
    "access/access-ml-dashboard",
    "access/access-model-endpoint",
)


def plain(value):
    """A Value as plain data."""
    if isinstance(value.data, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value.data, tuple):
        return [plain(one) for one in value.elements()]
    return value.text()


def objects(path):
    source = Source(path.name, path.read_text(encoding="utf-8"))
    return [plain(document.value) for document in yaml_documents(source)[0]]


CASES = [
    [one for path in sorted(case.glob("*.yaml")) for one in objects(path)]
    for rule in RULES
    for case in sorted((POLICIES / rule).glob("*/*"))
]
JUNK = st.one_of(
    st.none(),
    st.sampled_from(
        ["", "*", "${X}", "{{ .Values.x }}", "443", "0.0.0.0/0", "::", "a b"]
    ),
    st.integers(-1, 1 << 70),
    st.booleans(),
    st.lists(st.sampled_from(["x", "${X}"]), max_size=2),
    st.dictionaries(
        st.sampled_from(["x", "{{ x }}", "name"]), st.text(max_size=2), max_size=2
    ),
    st.just([None]),
    st.just([{}]),
    st.just([[[]]]),
)


def places(data, path=()):
    """The paths of everything inside."""
    yield path
    children = data.items() if isinstance(data, dict) else ()
    if isinstance(data, list):
        children = enumerate(data)
    for key, child in children:
        yield from places(child, (*path, key))


def changed(data, path, junk):
    if not path:
        return junk
    copy = data.copy()
    copy[path[0]] = changed(data[path[0]], path[1:], junk)
    return copy


@settings(CALM, max_examples=300)
@given(st.data())
def test_junk_anywhere(data):
    case = data.draw(st.sampled_from(CASES))
    for _ in range(data.draw(st.integers(1, 4))):
        spots = [
            p
            for p in places(case)
            if len(p) > 1 and p[1:] not in {("kind",), ("apiVersion",)}
        ]
        if not spots:  # earlier junk left nothing to change
            break
        spot = data.draw(st.sampled_from(spots))
        case = changed(case, spot, data.draw(JUNK))
    inputs = Inputs(tree=None)
    for number, one in enumerate(case):
        text = json.dumps(one, default=lambda unknown: unknown.name) + " " * number
        found, _ = json_documents(Source("all.json", text))
        inputs.manifests.append(manifest(Item(found[0].value, "all.json")))
    estate = Estate()
    for lowering in (lower_kubernetes, lower_network, lower_rbac, lower_exposure):
        lowering(inputs, estate)
    trace(estate)
    for workload in estate.of("workload"):
        for name in ("egress.default_deny", "egress.internet"):
            fact = workload.fact(name)
            assert fact is None or fact.span.line >= 1
