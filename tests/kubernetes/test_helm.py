"""Charts: what templates give for values, where it comes from, what stays unknown."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rendering import place, rendered, way, write

from mlsec_lint.discovery import discover
from mlsec_lint.kubernetes import Release, helm, render
from mlsec_lint.kubernetes.edit import plain
from mlsec_lint.kubernetes.goengine import Engine
from mlsec_lint.kubernetes.goscalars import dump_yaml, python, typed, wrapped
from mlsec_lint.kubernetes.gotemplate import TemplateError, parse
from mlsec_lint.kubernetes.gowriter import BoundError
from mlsec_lint.parse.yaml import documents
from mlsec_lint.source import Source
from mlsec_lint.value import Unknown, Value

VALUES = """\
image:
  repository: lab/server
  tag: "v1"
replicas: 2
on: true
off: false
empty: ""
nothing:
ratio: 0.5
list: [a, b]
map:
  z: 1
  a: "true"
  deep: {x: [1, 2]}
name: weights
"""


def output(template, values=VALUES, **defines):
    """What a template writes for values; `Writer`."""
    tree = typed(documents(Source("values.yaml", values))[0][0].value)
    texts = {name: Source("_t.tpl", text) for name, text in defines.items()}
    known = {name: (source, parse(source.text).nodes) for name, source in texts.items()}
    root = wrapped(
        {
            "Values": tree,
            "Release": {"Name": "rel", "Namespace": "ns"},
            "Chart": {"Name": "chart", "Version": "1.2.3"},
            "Capabilities": {"KubeVersion": {"Version": "v1.32.0"}},
        }
    )
    source = Source("t.yaml", template)
    parsed = parse(template)
    known.update({name: (source, nodes) for name, nodes in parsed.defines.items()})
    files = {"a.sh": "echo\n"}
    return Engine(known, root, files.get, list).render(source, parsed)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ .Values.image.repository }}:{{ .Values.image.tag }}", "lab/server:v1"),
        ("{{ .Values.replicas }} {{ .Values.ratio }} {{ .Values.on }}", "2 0.5 true"),
        ("[{{ .Values.missing.deep }}{{ .Values.nothing }}]", "[]"),
        ('{{ .Values.missing | default "d" }}', "d"),
        ("{{ .Values.empty | default .Values.name | upper }}", "WEIGHTS"),
        ('{{ default "d" .Values.off }}', "d"),
        ("{{ .Values.name | quote }} {{ squote .Values.name }}", "\"weights\" 'weights'"),
        ('a {{- "b" -}}  \n c', "abc"),
        ("{{/* no */ -}}  x", "x"),
        ("{{- /* no */}}x", "x"),
        ("{{ if .Values.on }}y{{ else }}n{{ end }}", "y"),
        ("{{ if .Values.off }}y{{ else if .Values.empty }}e{{ else }}n{{ end }}", "n"),
        ("{{ if not .Values.off }}y{{ end }}{{ if and .Values.on .Values.name }}z{{ end }}", "yz"),
        ("{{ if or .Values.off .Values.nothing }}y{{ end }}", ""),
        ('{{ if eq .Values.name "a" "weights" }}y{{ end }}', "y"),
        ("{{ if gt (int .Values.replicas) 1 }}y{{ end }}{{ if lt 1.5 2.5 }}z{{ end }}", "yz"),
        ("{{ with .Values.image }}{{ .tag }}{{ $.Values.name }}{{ end }}", "v1weights"),
        ("{{ with .Values.missing }}x{{ else }}none{{ end }}", "none"),
        ("{{ range .Values.list }}<{{ . }}>{{ end }}", "<a><b>"),
        ("{{ range $i, $x := .Values.list }}{{ $i }}{{ $x }}{{ end }}", "0a1b"),
        ("{{ range $k, $v := .Values.image }}{{ $k }}={{ $v }};{{ end }}", "repository=lab/server;tag=v1;"),
        ("{{ range .Values.nothing }}x{{ else }}none{{ end }}", "none"),
        ("{{ range until 3 }}{{ . }}{{ end }}", "012"),
        ('{{ range .Values.list }}{{ if eq . "b" }}{{ break }}{{ end }}{{ . }}{{ end }}', "a"),
        ('{{ range .Values.list }}{{ if eq . "a" }}{{ continue }}{{ end }}{{ . }}{{ end }}', "b"),
        ("{{ $x := 1 }}{{ $x = 2 }}{{ $x }}", "2"),
        ("{{ $x := 1 }}{{ if .Values.on }}{{ $x = 2 }}{{ end }}{{ $x }}", "2"),
        ('{{ define "n" }}<{{ . }}>{{ end }}{{ include "n" .Values.name | upper }}', "<WEIGHTS>"),
        ('{{ template "t" .Values.image }}', "T:v1"),
        ('{{ block "b" .Values.name }}[{{ . }}]{{ end }}', "[weights]"),
        ('{{ printf "%s-%d-%05d-%q-%v-%%" .Values.name 3 7 "a" true }}', 'weights-3-00007-"a"-true-%'),
        ('{{ .Values.name | trunc 3 | trimSuffix "i" }}', "we"),
        ('{{ .Values.name | replace "w" "h" | title }}', "Heights"),
        ('{{ list 1 2 3 | first }}{{ index .Values.list 1 }}{{ index .Values "image" "tag" }}', "1bv1"),
        ('{{ (dict "a" 1).a }}{{ hasKey .Values.map "z" }}{{ get .Values.map "z" }}', "1true1"),
        ('{{ join "," .Values.list }}{{ len .Values.list }}{{ has "a" .Values.list }}', "a,b2true"),
        ('{{ ternary "y" "n" .Values.on }}{{ coalesce .Values.empty .Values.name }}', "yweights"),
        ('{{ b64enc "abc" }}{{ b64dec "YWJj" }}{{ add 1 2 }}{{ mul 2 3 }}{{ sub 5 1 }}', "YWJjabc364"),
        ("{{ toYaml .Values.map }}", 'a: "true"\ndeep:\n  x:\n  - 1\n  - 2\nz: 1'),
        ("{{ toJson .Values.list }}", '["a","b"]'),
        ("a:{{ toYaml .Values.list | nindent 2 }}", "a:\n  - a\n  - b"),
        ("{{ .Values.name | indent 3 }}", "   weights"),
        ('{{ tpl "{{ .Values.name }}!" . }}', "weights!"),
        ('{{ (fromYaml "a: {b: 3}").a.b }}', "3"),
        ('{{ (merge (dict "a" 1) (dict "a" 2 "b" 3)) | toJson }}', '{"a":1,"b":3}'),
        ('{{ semverCompare ">=1.19-0" .Capabilities.KubeVersion.Version }}', "true"),
        ('{{ if .Capabilities.APIVersions.Has "networking.k8s.io/v1" }}y{{ end }}', "y"),
        ('{{ .Files.Get "a.sh" }}{{ .Release.Name }}{{ .Chart.Version }}', "echo\nrel1.2.3"),
        ('{{ contains "eig" .Values.name }}{{ regexMatch "^w.*s$" .Values.name }}', "truetrue"),
        ('{{ empty .Values.missing }}{{ kindIs "map" .Values.map }}', "truetrue"),
        ('{{ dig "deep" "y" "none" .Values.map }}{{ required "m" .Values.name }}', "noneweights"),
        ('{{ "a\\tb" }}{{ `raw\\n` }}', "a\tbraw\\n"),
        ("{{ 0x10 }} {{ -3 }} {{ 1.50 }} {{ true }}", "16 -3 1.5 true"),
    ],
)  # fmt: skip
def test_what_is_known_is_written_as_helm_writes_it(template, text):
    writer = output(template, t="T:{{ .tag }}")
    assert writer.text() == text
    assert not writer.tainted


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("a: {{ randAlphaNum 5 }}", "a: {{ randAlphaNum 5 }}"),
        ('a: {{ lookup "v1" "Secret" "n" "s" }}', 'a: {{ lookup "v1" "Secret" "n" "s" }}'),
        ('a: {{ now | date "2006" }}', 'a: {{ now | date "2006" }}'),
        ('a: {{ include "gone" . }}', 'a: {{ include "gone" . }}'),
        ('a: {{ required "m" .Values.missing }}', 'a: {{ required "m" .Values.missing }}'),
        ("x:\n  {{- toYaml (lookup 1) | nindent 2 }}\ny", "x:\n  {{- toYaml (lookup 1) | nindent 2 }}\ny"),
        ("{{ if lookup 1 }}a{{ else }}b{{ end }}", "{{ if lookup 1 }}a{{ else }}b{{ end }}"),
        ("{{ if .Values.off }}a{{ else if now }}b{{ else }}c{{ end }}", "{{ else if now }}b{{ else }}c{{ end }}"),
        ("{{ if now }}a{{ else if .Values.on }}b{{ else }}c{{ end }}", "{{ if now }}a{{ else if .Values.on }}b{{ end }}"),
        ("{{ range now }}{{ .x }}{{ end }}", "{{ range now }}{{ .x }}{{ end }}"),
        ("{{ with now }}{{ .x }}{{ end }}", "{{ with now }}{{ .x }}{{ end }}"),
        ("{{ $x := 1 }}{{ if now }}{{ $x = 2 }}{{ end }}{{ $x }}", "{{ if now }}{{ end }}{{ $x }}"),
        ("{{ $x := now }}{{ $x | quote }}", "{{ $x | quote }}"),
        ("{{ .Values.map }}", "{{ .Values.map }}"),
        ("{{ if and now .Values.off }}a{{ end }}{{ if or now .Values.on }}b{{ end }}", "b"),
        ("{{ .Values.name | trunc 3 | nosuch }}", "{{ .Values.name | trunc 3 | nosuch }}"),
        ('{{ printf "%x" 3 }}', '{{ printf "%x" 3 }}'),
    ],
)  # fmt: skip
def test_what_is_not_known_is_written_as_it_stands(template, text):
    assert output(template).text() == text


def test_an_unknown_inside_a_named_template_goes_through_text_functions():
    writer = output(
        'labels:\n  {{- include "l" . | nindent 2 }}\nn: {{ include "n" . | quote }}\n'
        'm: {{ include "n" . | sha256sum }}\n',
        l="a: b\nc: {{ now }}",
        n="x-{{ now }}",
    )
    assert writer.text() == (
        'labels:\n  a: b\n  c: {{ now }}\nn: "x-{{ now }}"\n'
        'm: {{ include "n" . | sha256sum }}\n'
    )


@pytest.mark.parametrize(
    "template",
    [
        "{{ if }}", "{{ if .x }}", "{{ end }}", "{{ else }}", "{{ .x | }}", "{{ (.x }}",
        "{{ .x ) }}", "{{ }}", "{{ define }}{{ end }}", "{{ 'x' }}",
        "{{ if x }}" * 40, "{{ " + "(" * 50 + "1" + ")" * 50 + " }}", "{{ := 1 }}",
    ],
)  # fmt: skip
def test_what_is_no_template_is_an_error(template):
    with pytest.raises(TemplateError):
        parse(template)


@pytest.mark.parametrize(
    ("template", "defines"),
    [
        ('{{ include "a" . }}', {"a": '{{ include "a" . }}'}),
        ("{{ range until 9999 }}{{ range until 9999 }}x{{ end }}{{ end }}", {}),
        ('{{ range until 5000 }}{{ repeat 9999 "x" }}{{ end }}', {}),
        ('{{ tpl "{{ tpl .t . }}" (dict "t" "{{ tpl .t . }}") }}', {}),
    ],
)
def test_endless_templates_are_stopped(template, defines):
    begin = time.perf_counter()
    with pytest.raises(BoundError):
        output(template, **defines)
    assert time.perf_counter() - begin < 10


def test_charts_of_one_scan_are_bounded_together(tmp_path, monkeypatch):
    monkeypatch.setattr(helm, "MAX_STEPS", 100)
    files = {
        **CHART,
        **{f"c/templates/z{i}.yaml": CHART["c/templates/d.yaml"] for i in range(9)},
    }
    result = chart_items(tmp_path, files)
    assert {note.kind for note in result.notes} == {"bound"}
    assert all(note.incomplete for note in result.notes)
    assert len(result.manifests) >= 9  # the others are read with their actions masked


def test_structures_that_grow_without_end_are_unknown():
    writer = output(
        '{{ $x := dict }}{{ range until 3000 }}{{ $x = dict "a" $x }}{{ end }}'
        "{{ toYaml $x }}{{ toJson $x }}{{ merge $x $x }}"
    )
    assert writer.text() == "{{ toYaml $x }}{{ toJson $x }}{{ merge $x $x }}"


CHART = {
    "c/Chart.yaml": 'apiVersion: v2\nname: srv\nversion: 0.1.0\nappVersion: "2"\n',
    "c/values.yaml": VALUES,
    "c/values-test.yaml": "unrelated: 9\n",
    "c/templates/_helpers.tpl": '{{- define "srv.name" -}}\n{{ .Release.Name }}-srv\n{{- end }}\n'
    '{{ define "srv.labels" -}}\napp: srv\nchart: {{ .Chart.Name }}\n{{- end }}\n',
    "c/templates/NOTES.txt": "Hello {{ nosuch }}\n",
    "c/templates/d.yaml": """\
{{- if .Values.on }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "srv.name" . }}
  labels:
    {{- include "srv.labels" . | nindent 4 }}
spec:
  replicas: {{ .Values.replicas }}
  template:
    spec:
      hostNetwork: {{ .Values.off }}
      containers:
        - name: main
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          token: {{ randAlphaNum 8 }}
          {{- with .Values.map }}
          resources:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          args:
          {{- range .Values.list }}
            - --{{ . }}
          {{- end }}
            - --last
          script: |
            set -e
            cp {{ .Values.name }} s3://x
            end
{{- end }}
---
{{ if .Values.off }}
apiVersion: v1
kind: Pod
metadata: {name: never}
{{ end }}
""",
}


def chart_items(tmp_path, files=CHART, **values):
    tree = discover(str(write(tmp_path, files)), use_git=False)
    pairs = []
    for file in tree.files:
        if file.path.endswith(".yaml"):
            source = tree.source(file.path)
            pairs += [(file.path, one) for one in documents(source)[0]]
    releases = (Release("c", "r", "ml", (wrapped(values),)),) if values else ()
    return render(tree, pairs, releases)


def test_a_chart_gives_its_objects_for_its_own_values(tmp_path):
    result = chart_items(tmp_path)
    assert result.notes == []
    assert result.roots == {"helm": ["c"]}
    assert result.templates == {"c/templates/d.yaml"}
    (deployment,) = result.manifests
    assert (deployment.kind, deployment.name, deployment.root) == (
        "Deployment",
        "release-name-srv",
        "c",
    )
    container = deployment.value.at("spec", "template", "spec", "containers", 0)
    assert container.get("image").data == "lab/server:v1"
    assert plain(container.get("args")) == ["--a", "--b", "--last"]
    assert plain(container.get("resources")) == {
        "a": "true",
        "deep": {"x": ["1", "2"]},
        "z": "1",
    }
    assert (
        deployment.value.at("spec", "template", "spec", "hostNetwork").data == "false"
    )
    consumed = {path for path, _ in result.consumed}
    assert consumed == {
        "c/Chart.yaml",
        "c/values.yaml",
        "c/values-test.yaml",
        "c/templates/d.yaml",
    }


def test_places_are_those_of_the_template_and_ways_lead_to_the_values(tmp_path):
    (deployment,) = chart_items(tmp_path).manifests
    value = deployment.value
    assert deployment.span.text == "kind: Deployment"
    assert (deployment.span.path, deployment.span.line) == ("c/templates/d.yaml", 3)
    replicas = value.at("spec", "replicas")
    assert (place(replicas), replicas.span.column) == ("c/templates/d.yaml:9", 13)
    assert replicas.span.text == "{{ .Values.replicas }}"
    assert replicas.entry().text == "replicas: {{ .Values.replicas }}"
    assert way(replicas) == ["c/values.yaml:4 set by this value"]
    container = value.at("spec", "template", "spec", "containers", 0)
    assert way(container.get("image")) == [
        "c/values.yaml:2 set by this value",
        "c/values.yaml:3 set by this value",
    ]
    deep = container.at("resources", "deep", "x", 1)
    assert place(deep) == "c/templates/d.yaml:19"
    assert way(deep)[-1] == "c/values.yaml:14 set by this value"
    assert place(container.at("args", 2)) == "c/templates/d.yaml:25"
    assert way(container.at("args", 1)) == ["c/values.yaml:10 set by this value"]
    script = container.get("script")
    assert script.data == "set -e\ncp weights s3://x\nend\n"
    assert place(script) == "c/templates/d.yaml:26"
    assert (script.span.line, script.span.end_line) == (26, 29)


def test_what_a_chart_leaves_to_chance_is_unknown_at_its_action(tmp_path):
    (deployment,) = chart_items(tmp_path).manifests
    token = deployment.value.at("spec", "template", "spec", "containers", 0, "token")
    assert isinstance(token.data, Unknown)
    assert token.data.name == "{{ randAlphaNum 8 }}"
    assert (token.span.line, token.span.text) == (16, "{{ randAlphaNum 8 }}")


def test_values_of_a_release_win(tmp_path):
    result = chart_items(tmp_path, replicas=5, image={"tag": None}, off=True)
    by_kind = {one.kind: one for one in result.manifests}
    assert set(by_kind) == {"Deployment", "Pod"}
    deployment = by_kind["Deployment"]
    assert deployment.name == "r-srv"
    assert deployment.value.at("spec", "replicas").data == "5"
    container = deployment.value.at("spec", "template", "spec", "containers", 0)
    assert container.get("image").data == "lab/server:2"


def test_an_unknown_value_of_a_release_stays_what_it_was(tmp_path):
    tree = discover(str(write(tmp_path, CHART)), use_git=False)
    unknown = Unknown("variable", "var.n has no default", "var.n")
    values = Value({"replicas": Value(unknown), "map": Value({"q": Value(unknown)})})
    result = render(tree, [], [Release("c", values=(values,))])
    (deployment,) = result.manifests
    assert isinstance(deployment.value.at("spec", "replicas").data, Unknown)
    limits = deployment.value.at(
        "spec", "template", "spec", "containers", 0, "resources"
    )
    assert limits.get("q").data == unknown


def test_releases_of_argo_and_flux_replace_the_defaults(tmp_path):
    files = {
        **CHART,
        "c/more.yaml": "replicas: 3\nmap: {z: 7}\n",
        "apps/argo.yaml": """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: app}
spec:
  source:
    path: c
    helm:
      valueFiles: [more.yaml, gone.yaml]
      values: |
        replicas: 4
      parameters: [{name: image.tag, value: v9}]
  destination: {namespace: prod}
""",
        "apps/flux.yaml": """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: other, namespace: dev}
spec:
  chart: {spec: {chart: ./c}}
  values: {replicas: 6}
""",
    }
    result = rendered(tmp_path, files)
    assert result.roots == {"helm": ["c@app", "c@other"]}
    first, second = (one for one in result.manifests if one.kind == "Deployment")
    assert (first.name, second.name) == ("app-srv", "other-srv")
    assert not first.library
    container = first.value.at("spec", "template", "spec", "containers", 0)
    assert container.get("image").data == "lab/server:v9"
    assert container.at("resources", "z").data == "7"
    replicas = first.value.at("spec", "replicas")
    assert replicas.data == "4"
    assert way(replicas) == ["apps/argo.yaml:10 set by this value"]
    assert [step.words for step in first.via] == ["released by apps/argo.yaml"]
    assert second.value.at("spec", "replicas").data == "6"


def test_a_chart_without_a_release_is_a_library(tmp_path):
    assert [one.library for one in chart_items(tmp_path).manifests] == [True]
    used = chart_items(tmp_path, replicas=1).manifests
    assert [one.library for one in used] == [False]


def test_sub_charts_are_rendered_with_their_part_of_the_values(tmp_path):
    part = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Chart.Name }}-{{ .Values.x }}}\n"
    files = {
        "c/Chart.yaml": "name: top\ndependencies:\n- {name: a, condition: a.enabled}\n"
        "- {name: b, condition: b.enabled}\n- {name: far, repository: 'https://charts.example.org'}\n"
        "- {name: near, repository: 'file://../near', alias: n}\n"
        "- {name: out, repository: 'file://../../../out'}\n",
        "c/values.yaml": "a: {x: from-top}\nb: {enabled: false}\nglobal: {g: 1}\nn: {x: by-alias}\n",
        "near/Chart.yaml": "name: near\n",
        "near/templates/x.yaml": part,
    }
    for name in ("a", "b", "d"):
        files[f"c/charts/{name}/Chart.yaml"] = f"name: {name}\n"
        files[f"c/charts/{name}/values.yaml"] = "x: own\n"
        files[f"c/charts/{name}/templates/x.yaml"] = part
    result = rendered(tmp_path, files)
    names = sorted(one.name for one in result.manifests if one.root == "c")
    assert names == ["a-from-top", "d-own", "near-by-alias"]
    assert [note.text for note in result.notes] == [
        "the chart far of https://charts.example.org is not read",
        "the chart out of file://../../../out is not read",
    ]
    assert all(note.strict_only for note in result.notes)


@pytest.mark.parametrize(
    ("template", "kind"),
    [
        (
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ if }}\n",
            "template-not-read",
        ),
        ("apiVersion: v1\nkind: Pod\n  x: {{ .Values.name }}\n", "template-not-read"),
        ('{{ define "l" }}{{ include "l" . }}{{ end }}{{ include "l" . }}', "bound"),
    ],
)
def test_a_template_that_gives_nothing_readable_is_noted(tmp_path, template, kind):
    files = {**CHART, "c/templates/d.yaml": template}
    result = chart_items(tmp_path, files)
    note = result.notes[-1]
    assert (note.kind, note.path) == (kind, "c/templates/d.yaml")
    assert note.incomplete == (kind == "bound")


def test_an_object_of_a_kind_that_is_not_known_is_noted(tmp_path):
    text = "apiVersion: v1\nkind: {{ now }}\nmetadata: {name: x}\n"
    for folder in ("c/templates", "plain"):
        files = {**CHART, "c/templates/d.yaml": "", f"{folder}/d.yaml": text}
        result = chart_items(tmp_path / folder, files)
        assert result.manifests == []
        assert [note.kind for note in result.notes] == ["template-not-read"]
        assert result.notes[0].span.line == 2


def test_a_template_that_does_not_render_is_read_with_its_actions_masked(tmp_path):
    text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name | }}\n"
    result = chart_items(tmp_path, {**CHART, "c/templates/d.yaml": text})
    assert [one.kind for one in result.manifests] == ["Pod"]


def test_files_outside_the_chart_are_not_given(tmp_path):
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n" + "".join(
        f'  {name}: {{{{ .Files.Get "{path}" | quote }}}}\n'
        for name, path in (("a", "in.txt"), ("b", "../out.txt"), ("c", "/etc/passwd"))
    )
    files = {**CHART, "c/templates/d.yaml": text, "c/in.txt": "in", "out.txt": "out"}
    (found,) = chart_items(tmp_path, files).manifests
    data = found.value.get("data")
    assert data.get("a").data == "in"
    assert isinstance(data.get("b").data, Unknown)
    assert data.get("c").data == ""


def test_templates_outside_of_charts_are_read_with_their_actions_masked(tmp_path):
    text = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {a: {{ .Values.a }}}\n"
    )
    (pod,) = rendered(tmp_path, {"files/runtime.yaml": text}).manifests
    assert isinstance(pod.value.at("spec", "a").data, Unknown)


@given(st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=12)
    | st.sampled_from(["yes", "1e3", "0755", "a: b", "- x", "x #", "~", "null", "é", "a\nb", "{{ x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
))  # fmt: skip
def test_to_yaml_reads_back_as_the_value(data):
    text = dump_yaml(wrapped({"k": data}))
    found, _ = documents(Source("x.yaml", text))
    if "{{" not in text and "{%" not in text:
        assert python(typed(found[0].value)) == {"k": data}


@given(st.text(alphabet='{}-| ()."$:=,ifendrangwthls x\n/*`0', max_size=60))
def test_any_text_is_parsed_and_rendered_without_an_unforeseen_error(text):
    try:
        parse(text)
    except TemplateError:
        return
    try:
        output(text)
    except BoundError:
        return


@given(
    st.lists(
        st.sampled_from(
            ["{{ if .Values.on }}", "{{ end }}", "{{ else }}", "a: {{ .Values.name }}",
             "{{- range .Values.list }}", "- {{ . }}", "{{ now }}", "  b: c", "{{ if now }}",
             "{{ toYaml .Values.map | nindent 2 }}", "s: |", "  t {{ .Values.ratio }}"]
        ),
        max_size=9,
    )
)  # fmt: skip
def test_every_place_in_an_object_lies_in_the_template(lines):
    from mlsec_lint.kubernetes.provenance import Provenance

    text = "\n".join(lines)
    try:
        writer = output(text)
    except (TemplateError, BoundError):
        return
    source = writer.source
    places = Provenance(source, writer.pieces)
    for document in documents(Source("", writer.text()))[0]:
        stack = [places.value(document.value)]
        while stack:
            value = stack.pop()
            assert value.span.source is source
            assert 0 <= value.span.start <= value.span.end <= len(text)
            if (
                value.type == "plain"
                and isinstance(value.data, str)
                and not value.trail
            ):
                assert value.data in text
            stack += [child for _, child in value.items()] + list(value.elements())
