"""Template actions in YAML: Unknown where they stand, lines and columns kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yaml_reading import every, plain, read

from mlsec_lint.parse.actions import find_actions, mask
from mlsec_lint.value import Unknown


def templated(text):
    found, notes = read(text)
    assert notes == []
    assert all(d.template for d in found)
    (document,) = found
    return document.value


def parts(value):
    data = value.data
    assert isinstance(data, Unknown)
    return [p if isinstance(p, str) else ("?", p.name) for p in data.parts]


def test_a_value_that_is_one_action_is_unknown_with_the_actions_text_and_place():
    value = templated('kind: {{ .Values.kind | default "Pod" }} # c\nb: 1\n').get(
        "kind"
    )
    assert plain(value) == ("unknown", '{{ .Values.kind | default "Pod" }}')
    assert value.data.kind == "template"
    assert (value.span.line, value.span.column) == (1, 7)
    assert value.span.text == '{{ .Values.kind | default "Pod" }}'


def test_a_value_around_actions_keeps_its_known_parts():
    value = templated('image: "{{ .a }}:v{{ .b }}"\nx: s3://{{ .c }}/w\n')
    assert parts(value.get("image")) == [("?", "{{ .a }}"), ":v", ("?", "{{ .b }}")]
    assert parts(value.get("x")) == ["s3://", ("?", "{{ .c }}"), "/w"]
    inner = value.get("x").data.parts[1]
    assert (inner.span.line, inner.span.column) == (2, 9)


def test_control_lines_are_dropped_and_lines_stay_where_they_are():
    value = templated(
        "{{- if .Values.on }}\n{{/* why */}}\nspec:\n  {{- range .x }}\n  a: b\n"
        "  {{ end }}  {{- end -}}\n# tail\nlast: {% if x %}\n  c: d\n".replace(
            " {% if x %}", ""
        )
    )
    assert plain(value) == {"spec": {"a": "b"}, "last": {"c": "d"}}
    assert value.at("spec", "a").span.line == 5
    assert value.at("last", "c").span.line == 9


def test_jinja_statements_and_comments_are_dropped():
    value = templated(
        "{% for j in jobs %}\n{# note: [ #}\na: {{ j.name }}\n{% endfor %}\n"
    )
    assert plain(value) == {"a": ("unknown", "{{ j.name }}")}


def test_a_line_that_inserts_text_is_an_entry_of_the_collection_around_it():
    value = templated(
        'metadata:\n  labels:\n{{ include "l" . | indent 4 }}\n  name: n\n'
        "spec:\n  a: b\n  {{- toYaml .Values.spec | nindent 2 }}\n"
    )
    assert plain(value.at("metadata", "labels")) == (
        "unknown",
        '{{ include "l" . | indent 4 }}',
    )
    assert value.at("metadata", "name").data == "n"
    spec = value.get("spec")
    assert spec.get("a").data == "b"
    (name,) = [key for key in spec.data if key.startswith("{{")]
    assert spec.data[name].key.line == 7


def test_a_line_that_inserts_items_is_an_item_of_the_list_around_it():
    value = templated(
        "env:\n  - name: A\n    value: b\n  {{- toYaml .Values.env | nindent 2 }}\nx: y\n"
    )
    first, second = value.get("env").elements()
    assert plain(first) == {"name": "A", "value": "b"}
    assert plain(second) == ("unknown", "{{- toYaml .Values.env | nindent 2 }}")
    assert second.span.line == 4


def test_what_two_branches_set_is_unknown_with_both_possible():
    value = templated(
        "{{ if .a }}\nhostNetwork: true\n{{ else }}\nhostNetwork: false\n{{ end }}\n"
    ).get("hostNetwork")
    assert isinstance(value.data, Unknown)
    assert [p.data for p in value.data.possible or ()] == ["true", "false"]


def test_what_two_branches_set_alike_is_known():
    value = templated("{{ if .a }}\nkind: Pod\n{{ else }}\nkind: Pod\n{{ end }}\n")
    assert plain(value) == {"kind": "Pod"}


def test_a_script_with_actions_keeps_its_text_around_them():
    value = templated(
        "run: |\n  set -e\n  {{ if .x }}\n  cp {{ .a }} b\n  {{ end }}\n  end\n"
    )
    assert parts(value.get("run")) == [
        "set -e\n           \ncp ",
        ("?", "{{ .a }}"),
        " b\n         \nend\n",
    ]


def test_actions_in_keys_are_written_into_the_key():
    value = templated("{{ .k }}: v\na-{{ .k }}: w\n")
    assert list(value.data) == ["{{ .k }}", "a-{{ .k }}"]


def test_github_expressions_are_one_action():
    value = templated("env:\n  T: ${{ secrets.T }}\n  U: x-${{ a }}\n").get("env")
    assert plain(value.get("T")) == ("unknown", "${{ secrets.T }}")
    assert parts(value.get("U")) == ["x-", ("?", "${{ a }}")]


def test_braces_in_quoted_strings_do_not_end_an_action():
    value = templated('a: {{ printf "}}" `{{` }}\nb: {{/* }} "*/}}c\n')
    assert plain(value) == {"a": ("unknown", '{{ printf "}}" `{{` }}'), "b": "c"}


def test_an_action_over_several_lines_keeps_the_lines_after_it():
    value = templated('a: {{ dict "x" 1\n       "y" 2\n  | toJson }}\nb: 1\n')
    assert value.get("b").span.line == 4
    assert value.get("a").span.text.count("\n") == 2


def test_documents_without_actions_in_a_file_with_some_are_no_templates():
    found, notes = read("a: 1\n---\nb: {{ x }}\n")
    assert notes == []
    assert [d.template for d in found] == [False, True]


def test_a_template_that_cannot_be_read_says_so_and_gates_only_when_strict():
    found, notes = read("a: 1\n---\nx: {{ .a }}\n  y: [\n---\nc: 2\n")
    assert [plain(d.value) for d in found] == [{"a": "1"}, {"c": "2"}]
    ((kind, incomplete, strict),) = [
        (n.kind, n.incomplete, n.strict_only) for n in notes
    ]
    assert (kind, incomplete, strict) == ("template-not-read", False, True)


def test_a_template_is_read_without_what_it_inserts_when_that_has_no_place():
    found, notes = read("a: b\n  {{ toYaml .x }}\nc: d\n")
    assert [plain(d.value) for d in found] == [{"a": "b", "c": "d"}]
    assert [n.kind for n in notes] == ["template-not-read"]
    assert found[0].template


def test_terraform_templates_are_read_when_nothing_else_reads_them():
    found, notes = read(
        'a:\n%{ for x in xs ~}\n- ${x}\n%{ endfor ~}\nb: [${jsonencode({"c": "}"})}]\n'
    )
    assert [n.kind for n in notes] == ["template-not-read"]
    value = found[0].value
    assert plain(value) == {
        "a": [("unknown", "${x}")],
        "b": [("unknown", '${jsonencode({"c": "}"})}')],
    }
    assert value.get("b").span.line == 5


def test_many_broken_templates_in_one_file_take_linear_time():
    found, _ = read("---\na: {{ x }}\n b: [\n" * 5_000)
    assert found == []


def test_a_block_put_under_a_name_joins_the_entries_below_it():
    value = templated(
        'labels: {{ include "l" . | nindent 2 }}\n  app: x\n'
        "args: {{- toYaml .a | nindent 2 }} # c\n  - b\n"
        "only: {{ toYaml .o | nindent 2 }}\nflow: [{{ x | nindent 2 }}]\n"
    )
    first, app = value.get("labels").data
    assert (first, app) == ('{{ include "l" . | nindent 2 }}', "app")
    assert isinstance(value.at("labels", first).data, Unknown)
    assert plain(value.get("args")) == [
        ("unknown", "{{- toYaml .a | nindent 2 }}"),
        "b",
    ]
    assert plain(value.get("only")) == ("unknown", "{{ toYaml .o | nindent 2 }}")
    assert value.get("only").span.text == "{{ toYaml .o | nindent 2 }}"


def test_unclosed_braces_are_text():
    assert find_actions("a: {{ x\nb: }}\n{% y\n") != []
    assert find_actions("{{" * 10) == []


@pytest.mark.parametrize(
    "text",
    [
        "{{" * 500_000,
        '{{ "' * 300_000,
        "{{/*" * 300_000,
        '{{ "\\" ' * 200_000,
        "{%" * 500_000,
    ],
)
def test_hostile_braces_take_linear_time(text):
    assert len(mask(text, terraform=True).text) == len(text)


@given(st.text(alphabet='{}%#"`-:/* \nab|é\ue000\ue001', max_size=120))
def test_masking_keeps_the_length_and_reading_never_fails(text):
    assert len(mask(text).text) == len(text)
    assert len(mask(text, insertions=False).text) == len(text)
    found, _ = read(text)
    for document in found:
        for value in every(document.value):
            assert 0 <= value.span.start <= value.span.end <= len(text)


@given(
    st.lists(
        st.sampled_from(
            ["a: {{ x }}", "{{ if y }}", "b:", "  c: d", "{{ end }}", "- {{ z }}", "  - e",
             "{{ toYaml . | nindent 2 }}", "s: |", "  text {{ t }}", "---", "# {{ c }}"]
        ),
        max_size=10,
    )
)  # fmt: skip
def test_every_unknown_of_a_template_points_at_an_action(lines):
    text = "\n".join(lines)
    found, _ = read(text)
    for document in found:
        for value in every(document.value):
            data = value.data
            if isinstance(data, Unknown) and data.name and not data.parts:
                assert data.span.text.startswith("{{")
                assert data.span.text.endswith("}}")
