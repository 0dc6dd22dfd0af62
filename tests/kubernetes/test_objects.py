"""Plain manifests: what is an object, lists, names, addresses."""

from __future__ import annotations

import pytest
from rendering import by_address, rendered

LIST = """\
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Pod, metadata: {name: a}}
- {apiVersion: v1, kind: Pod, metadata: {name: b}}
"""


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: n}\n", ["Pod/n/p"]),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n", ["Pod/default/p"]),
        ("apiVersion: v1\nkind: Namespace\nmetadata: {name: p}\n", ["Namespace/p"]),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {generateName: p-}\n",
            ["Pod/default/p-"],
        ),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: ${N}}\n", ["Pod/default/${N}"]),
        (
            LIST,
            ["Pod/default/a", "Pod/default/b"],
        ),
        ("apiVersion: v1\nkind: List\nitems: []\n", []),
        ("apiVersion: x/v1\nkind: AllowList\nitems: [a]\n", ["AllowList/default/"]),
        ("apiVersion: v1\n", []),
        ("kind: Pod\n", []),
        ("apiVersion: [v1]\nkind: Pod\n", []),
        ("apiVersion: v1\nkind: {a: b}\n", []),
        ("- apiVersion: v1\n  kind: Pod\n", []),
        ("apiVersion: a\nkind: CustomResourceDefinition\nmetadata: {name: x}\n", []),
    ],
)
def test_what_is_an_object(tmp_path, text, addresses):
    result = rendered(tmp_path, {"x.yaml": text})
    assert list(by_address(result)) == addresses


def test_json_manifests_are_objects(tmp_path):
    text = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}'
    result = rendered(tmp_path, {"x.json": text})
    (pod,) = result.manifests
    assert (pod.kind, pod.api_version, pod.name, pod.root) == ("Pod", "v1", "p", "")
    assert pod.span.text == '"kind": "Pod"'


def test_an_unknown_name_is_called_as_it_is_written(tmp_path):
    text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: '{{ .x }}'\n"
    (pod,) = rendered(tmp_path, {"x.yaml": text}).manifests
    assert pod.name == "{{ .x }}"
