"""Positions of what named templates write: the line in the helper, and who took it in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rendering import render_folder, write

from mlsec_lint.kubernetes.gowriter import Piece, Writer
from mlsec_lint.kubernetes.included import reshaped, whole_lines, written
from mlsec_lint.source import Source
from mlsec_lint.value import Value

CHART = "apiVersion: v2\nname: app\nversion: 0.1.0\n"
HELPERS = """\
{{- define "app.name" -}}
app-{{ .Values.tag }}
{{- end }}
{{- define "app.container" }}
- name: main
  image: "reg/{{ .Values.image }}:{{ .Values.tag }}"
  securityContext:
    {{- include "app.security" . | trim | nindent 4 }}
{{- end }}
{{- define "app.security" }}
privileged: true
{{ end }}
{{- define "app.flag" }}hostNetwork: true{{ end }}
{{- define "app.pod" }}
apiVersion: v1
kind: Pod
metadata:
  name: whole
spec:
  containers:
    {{- include "app.container" . | nindent 4 }}
{{- end }}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: {{ include "app.name" . }}
spec:
  {{ include "app.flag" . }}
  containers:
    {{- include "app.container" . | nindent 4 }}
  restartPolicy: Never
"""


def pod(tmp_path, template, helpers=HELPERS):
    files = {
        "Chart.yaml": CHART,
        "values.yaml": "image: x\ntag: v1\n",
        "templates/_helpers.tpl": helpers,
        "templates/pod.yaml": template,
    }
    (found,) = render_folder(write(tmp_path, files)).manifests
    return found


def place(value):
    span = value.entry()
    return span.path.rpartition("/")[2], span.line, span.text


def line_of(text, words):
    return text[: text.index(words)].count("\n") + 1


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (("image",), 'image: "reg/{{ .Values.image }}:{{ .Values.tag }}"'),
        (("name",), "name: main"),
        (("securityContext", "privileged"), "privileged: true"),
    ],
)
def test_an_entry_of_a_named_template_stands_in_its_file(tmp_path, path, words):
    container = pod(tmp_path, POD).value.at("spec", "containers").elements()[0]
    expected = ("_helpers.tpl", line_of(HELPERS, words), words)
    assert place(container.at(*path)) == expected


def test_the_actions_that_took_it_in_are_told(tmp_path):
    container = pod(tmp_path, POD).value.at("spec", "containers").elements()[0]
    privileged = container.at("securityContext", "privileged")
    told = [(s.span.path.rpartition("/")[2], s.span.line) for s in privileged.trail]
    assert told == [("_helpers.tpl", 8), ("pod.yaml", line_of(POD, "app.container"))]
    image = container.get("image")
    values = [s.span.line for s in image.trail if s.span.path == "values.yaml"]
    assert values == [1, 2]


def test_a_word_that_a_named_template_gives_stands_where_it_is_taken_in(tmp_path):
    found = pod(tmp_path, POD)
    name = found.value.at("metadata", "name")
    assert name.data == "app-v1"
    assert place(name) == ("pod.yaml", 4, 'name: {{ include "app.name" . }}')
    assert place(found.value.at("spec", "restartPolicy"))[:2] == ("pod.yaml", 9)
    flag = found.value.at("spec", "hostNetwork")
    assert place(flag)[0] == "_helpers.tpl"


def test_a_whole_object_of_a_library_belongs_to_the_file_that_takes_it_in(tmp_path):
    found = pod(tmp_path, '{{ include "app.pod" . }}\n')
    assert (found.span.path, found.span.line) == ("templates/pod.yaml", 1)
    container = found.value.at("spec", "containers").elements()[0]
    assert place(container.get("name"))[0] == "_helpers.tpl"
    assert container.span.text.startswith("name: main")


def test_a_template_that_takes_itself_in_ends(tmp_path):
    helpers = '{{ define "app.pod" }}a: 1\n{{ include "app.pod" . }}\n{{ end }}'
    files = {
        "Chart.yaml": CHART,
        "templates/_helpers.tpl": helpers,
        "templates/pod.yaml": '{{ include "app.pod" . }}\n',
    }
    result = render_folder(write(tmp_path, files))
    assert not result.manifests
    assert [n.kind for n in result.notes if n.incomplete] == ["bound"]


LINES = st.text(alphabet="ab \n", max_size=20)


def _nested(texts):
    """A writer of texts that stand one after the other in a file, every second exact."""
    source = Source("h.tpl", "".join(texts))
    writer = Writer(source, nested=True)
    at = 0
    for number, text in enumerate(texts):
        writer.put(text, at, at + len(text), exact=number % 2 == 0)
        at += len(text)
    return written(writer, None)


def _letters(text, pieces):
    """Where each letter of a text stands, by the pieces."""
    found = []
    for piece in pieces:
        for offset in range(piece.start, piece.end):
            step = offset - piece.start if piece.exact else 0
            if text[offset] in "ab":
                found.append((text[offset], piece.at + step, piece.exact))
    return found


@given(st.lists(LINES, max_size=6), st.integers(0, 5), st.sampled_from(["in", "n"]))
def test_indenting_keeps_every_letter_in_its_place(texts, pad, which):
    value = _nested(texts)
    name = "indent" if which == "in" else "nindent"
    lead = "" if which == "in" else "\n"
    after = lead + "\n".join(" " * pad + line for line in value.data.split("\n"))
    result = reshaped(name, [Value(pad), value], Value(after))
    assert result.data == after
    moved = result.origin[1].data
    assert all(type(piece) is Piece for piece in moved)
    assert _letters(after, moved) == _letters(value.data, value.origin[1].data)


@given(st.lists(LINES, max_size=6))
def test_trimming_keeps_every_letter_in_its_place(texts):
    value = _nested(texts)
    after = value.data.strip()
    result = reshaped("trim", [value], Value(after))
    if after:
        moved = result.origin[1].data
        assert [x for x, _, _ in _letters(after, moved)] == [
            x for x in after if x in "ab"
        ]
        exact = [x for x in _letters(after, moved) if x[2]]
        source = "".join(texts)
        assert all(source[at] == letter for letter, at, _ in exact)


def test_other_functions_lose_the_places():
    value = _nested(["a: b\n", "b: a\n"])
    assert whole_lines(value)
    assert reshaped("upper", [value], Value("A: B\nB: A\n")).origin is None
