"""Charts with several values, mappings that templates change, and helm as a witness."""

from __future__ import annotations

import shutil
import stat

import pytest
from rendering import render_folder, write

from mlsec_lint.discovery import discover
from mlsec_lint.kubernetes import Release
from mlsec_lint.kubernetes.helm_check import Built, CannotRunError, compare, version
from mlsec_lint.value import Unknown, Value

CHART = "name: app\nversion: 1.0.0\napiVersion: v2\n"


def objects(tmp_path, template, values="", files=()):
    """The tree of a chart of one template, and what it renders."""
    chart = {
        "Chart.yaml": CHART,
        "values.yaml": values or "{}\n",
        "templates/a.yaml": template,
    }
    write(tmp_path, chart | dict(files))
    return discover(str(tmp_path), use_git=False), render_folder(tmp_path)


def field(tmp_path, expression, values="", files=()):
    template = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\n{expression}\n"
    _, found = objects(tmp_path, template, values, files)
    (manifest,) = [m for m in found.manifests if m.kind == "ConfigMap"]
    return manifest.value.at("data", "x")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('{{ $m := dict "a" "1" }}{{ $_ := set $m "a" "2" }}data: {x: {{ $m.a }}}', "2"),
        ('{{ $m := dict }}{{ $n := $m }}{{ $_ := set $n "a" "2" }}data: {x: {{ $m.a }}}', "2"),
        ('{{ $m := dict "a" "1" }}{{ $_ := unset $m "a" }}data: {x: "{{ $m.a }}"}', ""),
        (
            '{{ $m := dict "a" "1" }}{{ $_ := merge $m (dict "b" "2") }}data: {x: {{ $m.b }}}',
            "2",
        ),
        (
            '{{ $m := dict "a" "1" }}{{ $_ := set (deepCopy $m) "a" "2" }}data: {x: {{ $m.a }}}',
            "1",
        ),
        ('{{ $_ := set .Values "a" "2" }}data: {x: {{ .Values.a }}}', "2"),
        ("{{ if.Values.on }}data: {x: yes}{{ end }}", "yes"),
        ("data: {x: {{ toJson .Values.map }}}", None),
    ],
)  # fmt: skip
def test_a_mapping_that_a_template_changes_is_changed(tmp_path, expression, expected):
    value = field(tmp_path, expression, "a: '1'\non: true\nmap: {b: 1, a: <}\n")
    if expected is not None:
        assert str(value.data) == expected


@pytest.mark.parametrize(
    "expression",
    [
        '{{ $m := dict "a" "1" }}{{ if .Values.u }}{{ $_ := set $m "a" "2" }}{{ end }}',
        '{{ $m := dict }}{{ $_ := set $m .Values.u "2" }}',
        '{{ $m := dict "a" "1" }}{{ $_ := mergeOverwrite $m .Values.u }}',
        '{{ $m := dict "a" "1" }}{{ range .Values.u }}{{ $_ := set $m "a" . }}{{ end }}',
    ],
)
def test_a_mapping_that_may_have_changed_is_unknown(tmp_path, expression):
    unknown = expression.replace(".Values.u", '(lookup "v1" "Pod" "" "")')
    value = field(tmp_path, f"data:\n  x: {unknown}{{{{ $m.a }}}}")
    assert isinstance(value.data, Unknown)


def test_files_of_a_chart_are_found_by_pattern(tmp_path):
    files = {"conf/a.txt": "one", "conf/deep/b.txt": "two", "conf/c.md": "three"}
    expression = (
        'data:\n  x: "{{ range $p, $t := .Files.Glob "conf/*.txt" }}{{ $p }}={{ $t }};'
        '{{ end }}"'
    )
    assert field(tmp_path, expression, files=files).data == "conf/a.txt=one;"
    deep = expression.replace("conf/*.txt", "conf/**.txt")
    assert field(tmp_path, deep).data == "conf/a.txt=one;conf/deep/b.txt=two;"


def test_a_values_file_beside_the_chart_is_a_use_of_it(tmp_path):
    template = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"
        "data: {x: {{ .Values.bucket }}}\n"
    )
    files = {
        "values-prod.yaml": "bucket: prod\n",
        "values-dev.yaml": "bucket: dev\n",
        "other-values.yaml": "unrelated: {a: 1}\nmore: 2\n",
    }
    _, found = objects(tmp_path, template, "bucket: default\n", files)
    told = [(m.root, m.value.at("data", "x").data, m.library) for m in found.manifests]
    assert told == [("@values-dev", "dev", False), ("@values-prod", "prod", False)]
    value = found.manifests[1].value.at("data", "x")
    assert any(step.span.path == "values-prod.yaml" for step in value.trail)


def fake_helm(tmp_path, script):
    """A program that answers as helm does."""
    path = tmp_path.parent / "helm"
    path.write_text(f'#!/bin/sh\n[ "$1" = version ] && echo v3.0.0 && exit\n{script}\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


TEMPLATE = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {x: {{ .Values.a }}}\n"
)


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        ("data: {x: one}", []),
        ("data: {x: two}", ["ConfigMap/c: data.x is something else"]),
        ("data: {x: one, y: 1}", ["ConfigMap/c: data.y is something else"]),
        ("data: {}", ["ConfigMap/c: data.x is something else"]),
    ],
)
def test_what_helm_renders_differently_is_told(tmp_path, theirs, told):
    tree, found = objects(tmp_path / "chart", TEMPLATE, "a: one\n")
    head = "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: c}\\n"
    helm = fake_helm(tmp_path, f'printf "{head}{theirs}\\n"')
    notes = compare(helm, tree, found.built)
    texts = [n.text.partition(": ")[2] for n in notes if n.kind == "helm-differs"]
    assert texts == told
    same = 0 if told else 1
    assert notes[-1].text == f"helm v3.0.0 renders {same} of 1 releases as we do"
    if told:
        assert notes[0].path == "templates/a.yaml"


def test_a_chart_that_helm_refuses_is_told(tmp_path):
    tree, found = objects(tmp_path / "chart", TEMPLATE, "a: one\n")
    helm = fake_helm(tmp_path, "echo 'Error: no such thing' >&2; exit 1")
    kinds = [(n.kind, n.text) for n in compare(helm, tree, found.built)]
    assert kinds[0][0] == "helm-not-compared"
    assert kinds[0][1].endswith("Error: no such thing")


def test_a_release_with_unknown_values_is_not_given_to_helm(tmp_path):
    tree, _ = objects(tmp_path / "chart", TEMPLATE, "a: one\n")
    helm = fake_helm(tmp_path, "exit 1")
    release = Release("", values=(Value({"a": Value(Unknown("variable", "x"))}),))
    (note, _) = compare(helm, tree, [Built(release, ())])
    assert note.kind == "helm-not-compared"
    assert "unknown" in note.text


def test_helm_sees_no_file_outside_of_the_chart(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    tree, found = objects(tmp_path / "chart", TEMPLATE, "a: one\n")
    (tmp_path / "chart" / "leak.txt").symlink_to(tmp_path / "secret.txt")
    helm = fake_helm(tmp_path, 'ls "$3" >&2; cat "$3"/leak.txt >&2; exit 1')
    (note, _) = compare(helm, tree, found.built)
    assert "secret" not in note.text


def test_values_reach_helm_with_their_types(tmp_path):
    template = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {x: y}\n"
    files = {"values-prod.yaml": "a: false\nb: 3\nc: 'false'\n"}
    tree, found = objects(tmp_path / "chart", template, "a: 1\nb: 1\nc: 1\n", files)
    helm = fake_helm(
        tmp_path, f'for last; do :; done; cp "$last" {tmp_path}/seen; exit 1'
    )
    compare(helm, tree, [one for one in found.built if one.release.values])
    assert (tmp_path / "seen").read_text() == '{"a": false, "b": 3, "c": "false"}'


def test_a_program_that_is_no_helm_is_refused(tmp_path):
    with pytest.raises(CannotRunError):
        version(str(tmp_path / "none"))
    with pytest.raises(CannotRunError):
        version("/bin/false")


HARD = """\
{{- define "labels" }}
app: {{ .Chart.Name }}
release: {{ .Release.Name | quote }}
{{- end }}
{{- $state := dict "n" 0 }}
{{- range $i, $one := .Values.several }}
{{- $_ := set $state "n" (add1 (get $state "n")) }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ printf "%s-%d" $.Release.Name $i | trunc 63 | trimSuffix "-" }}
  labels: {{- include "labels" $ | nindent 4 }}
data:
  count: {{ get $state "n" | quote }}
  json: {{ toJson (dict "b" $one "a" "<&>") | quote }}
  pretty: |-
    {{- toPrettyJson $.Values.map | nindent 4 }}
  {{- with $.Values.map }}
  yaml: |
    {{- toYaml . | nindent 4 }}
  {{- end }}
  merged: {{ (mergeOverwrite (dict "a" 1) (dict "a" 2)).a | quote }}
  tern: {{ ternary "yes" "no" (eq $one "x") }}
{{- end }}
"""


@pytest.mark.skipif(shutil.which("helm") is None, reason="helm is not installed")
def test_helm_agrees(tmp_path):
    values = "several: [x, q, z]\nmap: {z: 1, a: [1, 'two', {k: true}], e: {}}\n"
    tree, found = objects(tmp_path / "chart", HARD, values)
    assert len(found.manifests) == 3
    notes = compare(shutil.which("helm"), tree, found.built)
    assert [note.text.partition(" renders ")[2] for note in notes] == [
        "1 of 1 releases as we do"
    ]
