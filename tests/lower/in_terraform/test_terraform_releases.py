"""Releases of charts: paths of `set`, which value wins, what known charts are said to be."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manifests import estate_of, only, values
from terraform_objects import manifests, plain, written

from mlsec_lint.estate.tables import document
from mlsec_lint.lower import lower
from mlsec_lint.lower.in_terraform.releases import releases_of, stated_releases
from mlsec_lint.lower.in_terraform.set_paths import path_of, placed
from mlsec_lint.scan import read
from mlsec_lint.value import Unknown, Value

MLFLOW = """
resource "helm_release" "m" {
  name       = "m"
  chart      = "mlflow"
  repository = "https://community-charts.github.io/helm-charts"
  %s
}
"""


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("a", ("a",)),
        ("a.b.c", ("a", "b", "c")),
        ("a[0].b", ("a", 0, "b")),
        ("a[1][2]", ("a", 1, 2)),
        (r"nodeSelector.kubernetes\.io/role", ("nodeSelector", "kubernetes.io/role")),
        ("a[x]", None),
        ("a[", None),
        ("a[-1]", None),
        ("a[99999]", None),
        ("[0]", None),
        ("", None),
        (".".join("a" * 65), None),
    ],
)
def test_paths_are_read_as_helm_reads_them(text, steps):
    assert path_of(text) == steps


@settings(max_examples=200, deadline=None)
@given(st.text("ab.[]01\\", max_size=20), st.text("ab.[]01\\", max_size=20))
def test_any_path_is_placed_where_it_is_found_again(first, second):
    made = Value({})
    steps = [path for path in map(path_of, (first, second)) if path is not None]
    for path in steps:
        made = placed(made, path, Value("x"))
    if steps:
        found = made
        for step in steps[-1]:
            found = found.elements()[step] if isinstance(step, int) else found.get(step)
        assert found.data == "x"


def release(folder, body, **files):
    text = f'resource "helm_release" "r" {{\nname = "r"\nchart = "${{path.module}}/c"\n{body}\n}}\n'
    written(folder, main__tf=text, **files)
    return read(str(folder)).inputs


def test_later_values_win_and_keep_their_lines(tmp_path):
    body = """
values = [
  file("${path.module}/v.yaml"),
  yamlencode({ b = { c = "two" } }),
  <<-EOT
    d: [x, y]
    e: yes
  EOT
]
set {
  name  = "b.f"
  value = "3"
}
set {
  name  = "d[1]"
  value = "z"
}
set {
  name  = "t"
  value = "3"
  type  = "string"
}
set_list {
  name  = "l"
  value = ["p", "q"]
}
set {
  name  = "n"
  value = "null"
}
set {
  name  = "m"
  value = "{u,1}"
}
set_sensitive {
  name  = "s"
  value = "hidden"
}
"""
    inputs = release(tmp_path, body, v__yaml="a: one\nb:\n  c: one\n  k: v\n")
    (stated,) = stated_releases(inputs)
    assert plain(stated.values) == {
        "a": "one",
        "b": {"c": "two", "k": "v", "f": "3"},
        "d": ["x", "z"],
        "e": "true",
        "t": "3",
        "l": ["p", "q"],
        "n": None,
        "m": ["u", "1"],
        "s": "hidden",
    }
    found = stated.values
    assert (found.get("b").get("f").data, found.get("t").data) == (3, "3")
    assert found.get("a").span.path == "v.yaml"
    assert found.get("d").at(0).span.line == 9
    assert found.get("s").sensitive


def test_sets_as_a_list_of_objects_are_the_same(tmp_path):
    body = 'set = [{ name = "a.b", value = "1" }, { name = "c", value = "x" }]'
    (stated,) = stated_releases(release(tmp_path, body))
    assert plain(stated.values) == {"a": {"b": "1"}, "c": "x"}


@pytest.mark.parametrize(
    "body",
    [
        "values = [var.x]",
        "values = var.x",
        'set {\nname = var.x\nvalue = "1"\n}',
        'set {\nname = "a["\nvalue = "1"\n}',
    ],
)
def test_what_cannot_be_told_is_noted(tmp_path, body):
    inputs = release(tmp_path, body, v__tf='variable "x" {}\n')
    (stated,) = stated_releases(inputs)
    assert plain(stated.values) == {}
    assert "template-not-read" in [note.kind for note in inputs.notes]


CHART = {
    "c___Chart__yaml": "apiVersion: v2\nname: c\nversion: 0.1.0\n",
    "c___values__yaml": "image: a:1\n",
    "c___templates___pod__yaml": (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n"
        "spec:\n  containers:\n    - name: c\n      image: {{ .Values.image }}\n"
    ),
}


def test_a_local_chart_is_rendered_with_the_values_of_its_release(tmp_path):
    body = 'namespace = "ml"\nset {\nname = "image"\nvalue = "b:2"\n}'
    text = f'resource "helm_release" "r" {{\nname = "r"\nchart = "./c"\n{body}\n}}\n'
    found, _, inputs = manifests(tmp_path, main__tf=text, **CHART)
    assert len(releases_of(inputs)) == 1
    (pod,) = found
    assert (pod.name, pod.namespace, pod.address) == ("r", "ml", "Pod/ml/r")
    image = pod.value.at("spec", "containers", "image")
    assert image.data == "b:2"
    assert ("main.tf", 7) in [(s.span.path, s.span.line) for s in image.trail]


def test_each_release_of_a_chart_is_rendered(tmp_path):
    text = """
resource "helm_release" "r" {
  for_each = toset(["x", "y"])
  name     = each.key
  chart    = "./c"
}
"""
    found, _, _ = manifests(tmp_path, main__tf=text, **CHART)
    assert [m.name for m in found] == ["x", "y"]


@pytest.mark.parametrize("chart", ["../c", "/etc", "~/c", "oci://x/c", "missing"])
def test_a_chart_outside_of_the_tree_is_not_read(tmp_path, chart):
    text = f'resource "helm_release" "r" {{\nname = "r"\nchart = "{chart}"\n}}\n'
    written(tmp_path, main__tf=text)
    inputs = read(str(tmp_path)).inputs
    assert releases_of(inputs) == []
    estate = lower(inputs)
    assert "module-not-read" in [note.kind for note in estate.notes]
    assert sum(n for w, n in inputs.not_analysed.items() if "helm chart" in w) == 1


FACTS = ("exposure", "authenticated", "anonymous.from", "surface")


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("", ("cluster", False, "cluster", "dashboard")),
        (
            'set {\nname = "service.type"\nvalue = "LoadBalancer"\n}',
            ("internet", False, "internet", "dashboard"),
        ),
        (
            'values = [yamlencode({ service = { type = "LoadBalancer" }, auth = { enabled = true } })]',
            ("internet", True, "nobody", "dashboard"),
        ),
        (
            "values = [yamlencode({ service = { type = var.t } })]",
            ("?", False, "?", "dashboard"),
        ),
        (
            """values = [yamlencode({ service = {
              type        = "LoadBalancer"
              annotations = { "networking.gke.io/load-balancer-type" = "Internal" }
            } })]""",
            ("network", False, "network", "dashboard"),
        ),
    ],
)
def test_a_known_chart_says_who_reaches_it(tmp_path, body, wanted):
    text = 'variable "t" {}\n' + MLFLOW % body
    estate = estate_of(tmp_path, main__tf=text)
    assert values(only(estate, "service"), *FACTS) == wanted


def test_a_chart_of_that_name_from_elsewhere_is_not_the_known_one(tmp_path):
    text = (MLFLOW % "").replace("community-charts.github.io", "charts.example.org")
    written(tmp_path, main__tf=text)
    inputs = read(str(tmp_path)).inputs
    estate = lower(inputs)
    assert list(estate.of("service")) == []
    assert inputs.not_analysed == {"helm chart mlflow": 1}


def test_a_login_that_depends_on_the_version_is_unknown(tmp_path):
    text = """
resource "helm_release" "j" {
  name       = "j"
  chart      = "jupyterhub"
  repository = "https://hub.jupyter.org/helm-chart/"
}
"""
    service = only(estate_of(tmp_path, main__tf=text), "service")
    assert values(service, *FACTS) == ("internet", "?", "?", "dashboard")
    assert isinstance(service.fact("authenticated").value, Unknown)


def test_rows_of_known_charts_are_whole_and_apart():
    rows = document("charts.json")["rows"]
    assert {"chart", "repositories", "is", "source"} == set.intersection(
        *(set(row) for row in rows)
    )
    pairs = [(row["chart"], where) for row in rows for where in row["repositories"]]
    assert len(pairs) == len(set(pairs))
    assert all("://" not in where and not where.endswith("/") for _, where in pairs)
    fronts = [row["service"] for row in rows if "service" in row]
    assert fronts
    for front in fronts:
        assert front["default"] in ("ClusterIP", "LoadBalancer")
        assert front["surface"] in ("dashboard", "model")
        assert all(isinstance(path, str) for path in front["login"])
