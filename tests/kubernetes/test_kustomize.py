"""What kubectl cannot tell: places, ways, roots, consumption, notes, bounds."""

from __future__ import annotations

import time

import pytest
from overlays import BASE, overlay
from rendering import by_address, place, rendered, way

from mlsec_lint.kubernetes import kustomize
from mlsec_lint.value import Unknown


def server(result, *path):
    found = next(
        m for m in result.manifests if m.kind == "Deployment" and "server" in m.name
    )
    return found.value.at(*path)


IMAGE = ("spec", "template", "spec", "containers", 0, "image")


def test_a_value_of_the_base_keeps_its_place_and_the_manifest_its_way(tmp_path):
    result = rendered(tmp_path, overlay("namePrefix: p-\n"))
    assert place(server(result, *IMAGE)) == "base/deployment.yaml:17"
    deployment = by_address(result)["Deployment/default/p-server"]
    assert deployment.root == "top"
    assert [f"{s.span.path}:{s.span.line} {s.words}" for s in deployment.via] == [
        "base/kustomization.yaml:1 included by base/kustomization.yaml",
        "top/kustomization.yaml:1 included by top/kustomization.yaml",
    ]
    assert (deployment.span.path, deployment.span.line) == ("base/deployment.yaml", 2)
    assert deployment.span.text == "kind: Deployment"


def test_a_name_stays_where_it_is_written_and_tells_who_changed_it(tmp_path):
    result = rendered(tmp_path, overlay("namePrefix: p-\n"))
    name = server(result, "metadata", "name")
    assert name.data == "p-server"
    assert place(name) == "base/deployment.yaml:4"
    assert way(name) == ["top/kustomization.yaml:2 namePrefix"]
    account = server(result, "spec", "template", "spec", "serviceAccountName")
    assert account.data == "p-runner"
    assert place(account) == "base/deployment.yaml:14"
    assert way(account) == [
        "base/rest.yaml:12 follows the name",
        "top/kustomization.yaml:2 namePrefix",
    ]


def test_an_image_points_at_the_tag_in_the_overlay(tmp_path):
    text = "images:\n- name: lab/side\n  newTag: latest\n"
    result = rendered(tmp_path, overlay(text))
    image = server(result, "spec", "template", "spec", "containers", 1, "image")
    assert image.data == "lab/side:latest"
    assert place(image) == "top/kustomization.yaml:4"
    assert image.entry().text == "newTag: latest"
    assert way(image) == ["base/deployment.yaml:32 the image before the overlay"]


def test_a_patched_value_points_into_the_patch(tmp_path):
    text = (
        "patches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n"
        "    metadata: {name: server}\n    spec:\n      replicas: 9\n"
        "      template:\n        spec:\n          hostNetwork: true\n"
    )
    result = rendered(tmp_path, overlay(text))
    replicas = server(result, "spec", "replicas")
    assert place(replicas) == "top/kustomization.yaml:8"
    assert replicas.entry().text == "replicas: 9"
    assert way(replicas) == ["base/deployment.yaml:7 overridden by a patch"]
    added = server(result, "spec", "template", "spec", "hostNetwork")
    assert place(added) == "top/kustomization.yaml:11"
    assert place(server(result, *IMAGE)) == "base/deployment.yaml:17"


def test_a_namespace_points_at_the_overlay(tmp_path):
    result = rendered(tmp_path, overlay("namespace: ml\n"))
    namespace = server(result, "metadata", "namespace")
    assert (namespace.data, place(namespace)) == ("ml", "top/kustomization.yaml:2")


def test_generated_data_points_at_its_literal_or_file(tmp_path):
    text = "configMapGenerator:\n- name: s\n  literals: [a=b]\n  files: [run.sh]\n"
    files = overlay(text, **{"top/run.sh": "echo\n"})
    result = rendered(tmp_path, files)
    data = next(m for m in result.manifests if m.kind == "ConfigMap").value.get("data")
    assert place(data.get("a")) == "top/kustomization.yaml:4"
    assert data.get("a").span.text == "a=b"
    assert place(data.get("run.sh")) == "top/run.sh:1"
    assert way(data.get("run.sh")) == ["top/kustomization.yaml:5 a generator names it"]


def test_secrets_are_never_printed_and_their_plain_text_stays_known(tmp_path):
    text = "secretGenerator:\n- name: s\n  literals: [t=abc]\n"
    result = rendered(tmp_path, overlay(text))
    secret = next(m for m in result.manifests if m.kind == "Secret")
    value = secret.value.at("data", "t")
    assert (value.data, value.sensitive) == ("YWJj", True)
    assert value.origin[0] == "base64"
    assert value.origin[1].data == "abc"


def test_only_overlays_that_nothing_includes_are_roots(tmp_path):
    files = {
        **BASE,
        "mid/kustomization.yaml": "resources: [../base]\n",
        "prod/kustomization.yaml": "resources: [../mid]\nnamespace: prod\n",
        "dev/kustomization.yaml": "resources: [../mid]\nnamespace: dev\n",
        "plain.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n",
        "prod/notes.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: unlisted}\n",
        "job.yaml": "base_model: x\nadapter: lora\n",
    }
    result = rendered(tmp_path, files)
    assert result.roots == {"kustomize": ["dev", "prod"]}
    roots = {m.root for m in result.manifests if m.kind == "Deployment"}
    assert roots == {"dev", "prod"}
    plain = [m.name for m in result.manifests if m.root == ""]
    assert plain == ["p", "unlisted"]
    consumed = {path for path, _ in result.consumed}
    assert consumed == set(files) - {"job.yaml"}


def test_the_same_object_in_two_roots_has_two_addresses(tmp_path):
    files = {
        **BASE,
        "a/kustomization.yaml": "resources: [../base]\n",
        "b/kustomization.yaml": "resources: [../base]\nnamespace: ml\n",
    }
    addresses = set(by_address(rendered(tmp_path, files)))
    assert "Deployment/default/server" in addresses
    assert "Deployment/ml/server" in addresses
    assert {"a:Role/default/reader"} & addresses == set()
    assert {"a:Namespace/old"} & addresses == set()


def test_a_collision_of_addresses_names_the_roots(tmp_path):
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
    result = rendered(tmp_path, {"x/p.yaml": pod, "y/p.yaml": pod})
    assert sorted(by_address(result)) == [
        "x/p.yaml:Pod/default/p",
        "y/p.yaml:Pod/default/p",
    ]


def test_a_component_that_nobody_uses_is_a_library(tmp_path):
    files = {
        "c/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\n"
        "kind: Component\nresources: [p.yaml]\n",
        "c/p.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n",
    }
    assert [m.library for m in rendered(tmp_path, files).manifests] == [True]


def test_other_kinds_called_kustomization_are_plain_objects(tmp_path):
    flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: f}\n"
    result = rendered(tmp_path, {"kustomization.yaml": flux})
    assert [m.kind for m in result.manifests] == ["Kustomization"]
    assert result.roots == {}


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("resources: [https://github.com/a/b?ref=v1]\n", "remote-base", "remote"),
        ("resources: [github.com/a/b//c]\n", "remote-base", "remote"),
        ("resources: [nowhere.yaml]\n", "kustomize-error", "is not there"),
        ("resources: [../../outside.yaml]\n", "kustomize-error", "is not there"),
        ("resources: [/etc/passwd]\n", "kustomize-error", "is not there"),
        ("resources: [.]\n", "kustomize-error", "includes itself"),
        ("resources: [./empty]\n", "kustomize-error", "no kustomization"),
        ("patches: [{path: gone.yaml}]\n", "kustomize-error", "is not there"),
        ("patches: [{target: {kind: X}}]\n", "kustomize-error", "without"),
        ("replicas: [{name: x, count: 1}]\n", "kustomize-error", "no workload"),
        ("configMapGenerator: [{files: [a]}]\n", "kustomize-error", "no name"),
        ("configMapGenerator: [{name: a, files: [b]}]\n", "file-not-read", "b is not"),
        (
            "secretGenerator: [{name: a, behavior: merge}]\n",
            "kustomize-error",
            "no Secret",
        ),
        ("vars: [{name: X, objref: {kind: Y, name: z}}]\n", "kustomize-error", "var X"),
        ("transformers: [t.yaml]\n", "kustomize-unsupported", "transformers"),
        ("helmCharts: [{name: x}]\n", "kustomize-unsupported", "helmCharts"),
    ],
)
def test_what_cannot_be_done_is_noted_and_the_rest_goes_on(tmp_path, text, kind, words):
    files = {"k/kustomization.yaml": text, "k/empty/x.txt": ""}
    result = rendered(tmp_path, files)
    (note,) = result.notes
    assert (note.kind, note.incomplete, note.strict_only) == (kind, False, True)
    assert words in note.text
    assert note.span.line == 1


@pytest.mark.parametrize(
    "operation",
    [
        "{op: remove, path: /spec/nothing}",
        "{op: add, path: /spec/nothing/deep, value: 1}",
        "{op: replace, path: /spec/template/spec/containers/9, value: {}}",
        "{op: add, path: /metadata/name/x, value: 1}",
        "{op: test, path: /spec/replicas, value: 2}",
        "{op: remove, path: ''}",
        "{op: remove, path: x}",
        "{op: fly, path: /x}",
        "{op: add, path: /spec/template/spec/containers/x, value: 1}",
        "{op: move, from: /no, path: /yes}",
        "{}",
    ],
)
def test_a_patch_that_does_not_apply_changes_nothing(tmp_path, operation):
    text = f"patches:\n- target: {{kind: Deployment}}\n  patch: |-\n    - {operation}\n"
    result = rendered(tmp_path, overlay(text))
    assert [note.kind for note in result.notes] == ["kustomize-error"]
    assert server(result, "spec", "replicas").data == "1"


def test_circles_end_and_a_circle_without_a_root_is_still_judged(tmp_path):
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"
    files = {
        "a/kustomization.yaml": "resources: [../b]\n",
        "b/kustomization.yaml": "resources: [../a, p.yaml]\n",
        "b/p.yaml": pod,
    }
    result = rendered(tmp_path, files)
    assert [(m.name, m.root) for m in result.manifests] == [("p", "a")]
    assert ["includes itself" in note.text for note in result.notes] == [True]


def test_a_doubling_tree_of_bases_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(kustomize, "MAX_FOLDERS", 200)
    files = {}
    for level in range(30):
        for side in "ab":
            files[f"{level}{side}/kustomization.yaml"] = (
                f"resources: [../{level + 1}a, ../{level + 1}b]\n"
            )
    for side in "ab":
        files[f"30{side}/kustomization.yaml"] = "configMapGenerator: [{name: c}]\n"
    begin = time.perf_counter()
    result = rendered(tmp_path, files)
    assert time.perf_counter() - begin < 10
    assert any(n.kind == "bound" and n.incomplete for n in result.notes)


def test_many_patches_of_many_objects_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(kustomize, "MAX_VISITS", 300_000)
    pods = "".join(
        f"---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{i}}}\n"
        for i in range(3_000)
    )
    patch = "- {target: {kind: Service}, patch: '[{op: remove, path: /spec}]'}\n"
    files = {
        "k/kustomization.yaml": "resources: [p.yaml]\npatches:\n" + patch * 3_000,
        "k/p.yaml": pods,
    }
    begin = time.perf_counter()
    result = rendered(tmp_path, files)
    assert time.perf_counter() - begin < 20
    assert any(n.kind == "bound" and n.incomplete for n in result.notes)


def test_a_hostile_name_pattern_cannot_hang(tmp_path):
    text = (
        "patches:\n- target: {kind: Deployment, name: '(s|se|ser|e|r|v)*(x+x+)+y'}\n"
        "  patch: '[{op: remove, path: /spec}]'\n"
    )
    begin = time.perf_counter()
    rendered(tmp_path, overlay(text))
    assert time.perf_counter() - begin < 5


def test_template_actions_stay_unknown_through_an_overlay(tmp_path):
    files = overlay("namePrefix: p-\n")
    files["base/rest.yaml"] = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .n }}'}\ndata: {a: '{{ .x }}'}\n"
    )
    result = rendered(tmp_path, files)
    found = next(m for m in result.manifests if m.kind == "ConfigMap")
    name = found.value.at("metadata", "name").data
    assert isinstance(name, Unknown)
    assert name.parts[0] == "p-"
    assert isinstance(found.value.at("data", "a").data, Unknown)


def test_a_prefix_that_is_not_known_makes_names_unknown(tmp_path):
    result = rendered(tmp_path, overlay("namePrefix: '{{ .env }}-'\n"))
    name = server_of(result).at("metadata", "name").data
    assert isinstance(name, Unknown)
    assert [p if isinstance(p, str) else p.name for p in name.parts] == [
        "{{ .env }}",
        "-",
        "server",
    ]


def server_of(result):
    return next(m.value for m in result.manifests if m.kind == "Deployment")
