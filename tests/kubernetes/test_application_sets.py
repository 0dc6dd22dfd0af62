"""ApplicationSets of Argo CD: the releases that their generators make."""

from __future__ import annotations

import time

import pytest

from mlsec_lint.kubernetes.application_sets import _fits
from mlsec_lint.scan import read

CHART = {
    "Chart.yaml": "apiVersion: v2\nname: c\nversion: 1\n",
    "values.yaml": "replicas: 1\n",
    "templates/d.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}", namespace: "{{ .Release.Namespace }}"}
spec: {replicas: {{ .Values.replicas }}}
""",
}
SET = """
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: all}
spec:
  %s
  template:
    metadata: {name: '%s'}
    spec:
      source: {path: '%s', helm: {parameters: [{name: replicas, value: '%s'}]}}
      destination: {namespace: '%s'}
"""
LIST = "generators: [{list: {elements: [{env: dev, n: '2'}, {env: prod, n: '3'}]}}]"


def deployed(folder, text, charts=("apps/a", "apps/b")):
    for chart in charts:
        for name, content in CHART.items():
            path = folder / chart / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
    (folder / "set.yaml").write_text(text)
    reading = read(str(folder))
    found = sorted(
        (m.name, m.namespace, m.value.at("spec", "replicas").data)
        for m in reading.inputs.manifests
        if m.kind == "Deployment" and not m.library
    )
    return found, [n.kind for n in reading.notes if n.kind == "generator-not-read"]


@pytest.mark.parametrize("form", ["{{%s}}", "{{ .%s }}", "{{- .%s -}}"])
def test_lists(tmp_path, form):
    env, number = form % "env", form % "n"
    text = SET % (LIST, f"c-{env}", "apps/a", number, env)
    found, notes = deployed(tmp_path, text)
    assert found == [("c-dev", "dev", "2"), ("c-prod", "prod", "3")]
    assert notes == []


def test_folders(tmp_path):
    generator = "generators: [{git: {directories: [{path: 'apps/*'}, {path: apps/b, exclude: true}]}}]"
    text = SET % (generator, "{{path.basename}}", "{{path}}", "5", "{{path.basename}}")
    found, _ = deployed(tmp_path, text)
    assert found == [("a", "a", "5")]
    text = text.replace(", {path: apps/b, exclude: true}", "").replace(
        "{{path}}", "{{.path.path}}"
    )
    found, _ = deployed(tmp_path, text)
    assert [name for name, _, _ in found] == ["a", "b"]


def test_both_together(tmp_path):
    inner = LIST.removeprefix("generators: ")
    generator = (
        "generators: [{matrix: {generators: [{git: {directories: [{path: 'apps/*'}]}}, "
        + inner[1:-1]
        + "]}}]"
    )
    name = "{{path.basename}}-{{env}}"
    found, _ = deployed(
        tmp_path, SET % (generator, name, "{{path}}", "{{n}}", "{{env}}")
    )
    assert [name for name, _, _ in found] == ["a-dev", "a-prod", "b-dev", "b-prod"]


@pytest.mark.parametrize(
    "generator", ["clusters: {}", "pullRequest: {}", "git: {files: [{path: x.json}]}"]
)
def test_other_generators_are_noted(tmp_path, generator):
    text = SET % (f"generators: [{{{generator}}}]", "x", "apps/a", "1", "ns")
    found, notes = deployed(tmp_path, text)
    assert found == []
    assert notes == ["generator-not-read"]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("*", "", True),
        ("*", "a", True),
        ("a*c", "abc", True),
        ("a*c", "abcd", False),
        ("?b", "ab", True),
        ("**b*", "aab", True),
        ("a", "", False),
        ("", "a", False),
    ],
)
def test_patterns(pattern, text, expected):
    assert _fits(pattern, text) is expected


def test_hostile_sets_cost_little(tmp_path):
    started = time.monotonic()
    assert not _fits("a*" * 200 + "b", "a" * 2_000)
    many = ", ".join(f"{{env: e{n}, n: '1'}}" for n in range(2_000))
    generator = f"generators: [{{list: {{elements: [{many}]}}}}]"
    found, _ = deployed(tmp_path, SET % (generator, "{{env}}", "apps/a", "1", "x"))
    assert len(found) == 200
    assert time.monotonic() - started < 20
