"""A config in the scanned folder is a stranger's: it reads and hides nothing by itself."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
import yaml

from mlsec_lint.cli import main
from mlsec_lint.discovery import left_out

OPEN = """\
resource "aws_s3_bucket" "w" {
  bucket = "llm-weights"
  tags   = { "mlsec/holds" = "weights" }
}
resource "aws_s3_bucket_acl" "w" {
  bucket = aws_s3_bucket.w.id
  acl    = "public-read"
}
"""
SECRET = "id: SL0\nlevel: SL1\nhunter2: 1\n"


@pytest.fixture
def repo(tmp_path, monkeypatch):
    repo = tmp_path / "repo"
    repo.mkdir()
    (repo / "main.tf").write_text(OPEN, encoding="utf-8")
    monkeypatch.chdir(repo)
    return repo


def scan(capfd, *options):
    code = main(["scan", *options])
    streams = capfd.readouterr()
    return code, streams.out + streams.err


@pytest.mark.parametrize(
    "patterns", ['["*"]', '["*.tf"]', '["/**"]', '["main.tf", "*.yaml"]']
)
def test_leaving_out_everything_is_no_clean_scan(repo, capfd, patterns):
    (repo / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    (repo / ".mlsec-lint.yaml").write_text(f"exclude: {patterns}\n", encoding="utf-8")
    code, text = scan(capfd)
    assert code == 3
    assert "nothing was judged" in " ".join(text.split())


def test_a_folder_with_nothing_but_a_config_has_nothing_to_scan(repo, capfd):
    (repo / "main.tf").unlink()
    (repo / ".mlsec-lint.yaml").write_text("baseline: SL1\n", encoding="utf-8")
    assert scan(capfd)[0] == 3


@pytest.mark.parametrize("way", ["absolute", "up", "link", "extends"])
def test_a_baseline_outside_is_not_read(repo, capfd, way):
    outside = repo.parent / "outside.yaml"
    outside.write_text(SECRET, encoding="utf-8")
    (repo / "link.yaml").symlink_to(outside)
    (repo / "own.yaml").write_text(
        "id: own\nextends: ../outside.yaml\n", encoding="utf-8"
    )
    name = {
        "absolute": outside.as_posix(),
        "up": "../outside.yaml",
        "link": "link.yaml",
        "extends": "own.yaml",
    }[way]
    (repo / ".mlsec-lint.yaml").write_text(f"baseline: {name}\n", encoding="utf-8")
    code, text = scan(capfd)
    assert code == 2
    assert "no baseline" in text
    assert "hunter2" not in text


def test_a_baseline_in_the_folder_is_found_from_anywhere(repo, capfd, monkeypatch):
    (repo / "own.yaml").write_text("id: own\nextends: SL2\n", encoding="utf-8")
    (repo / ".mlsec-lint.yaml").write_text("baseline: own.yaml\n", encoding="utf-8")
    monkeypatch.chdir(repo.parent)
    code, text = scan(capfd, "repo")
    assert code == 1
    assert "own baseline" in " ".join(text.split())


@pytest.mark.parametrize("sort", ["fifo", "device", "folder", "huge", "loop"])
def test_a_config_that_is_no_text_neither_waits_nor_fills_the_memory(repo, capfd, sort):
    path = repo / ".mlsec-lint.yaml"
    if sort == "fifo":
        os.mkfifo(path)
    elif sort == "device":
        path.symlink_to("/dev/zero")
    elif sort == "folder":
        path.mkdir()
    elif sort == "huge":
        with path.open("wb") as file:
            file.truncate(3_000_000_000)
    else:
        path.symlink_to(path.name)
    code, text = scan(capfd)
    assert code == 2
    assert "main.tf" not in text


POD = """\
apiVersion: v1
kind: Pod
metadata: {name: x}
spec:
  containers:
  - name: c
    image: vllm/vllm-openai
    securityContext: {privileged: true}
    args: [--model, "s3://llm-weights/x"]
    resources: {limits: {nvidia.com/gpu: 8}}
"""


@pytest.mark.parametrize("name", ["a.yaml", "a.YAML", "a.Yml", "deploy/A.YML"])
def test_capitals_in_an_ending_hide_nothing(repo, capfd, name):
    (repo / "main.tf").unlink()
    (repo / "deploy").mkdir()
    (repo / name).write_text(POD, encoding="utf-8")
    assert scan(capfd)[0] == 1


def test_capitals_in_the_ending_of_json_hide_nothing(repo, capfd):
    (repo / "main.tf").unlink()
    text = json.dumps(yaml.safe_load(POD))
    (repo / "a.JSON").write_text(text, encoding="utf-8")
    assert scan(capfd)[0] == 1


@pytest.mark.parametrize("name", ["main.tofu", "main.tofu.json"])
def test_a_format_that_is_not_read_is_said(repo, capfd, name):
    (repo / "main.tf").unlink()
    (repo / name).write_text(OPEN, encoding="utf-8")
    code, text = scan(capfd)
    assert code == 3
    assert name in text


def hidden(folder, name, text=OPEN):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture
def plain(repo):
    """A folder with nothing to find fault with."""
    hidden(repo, "main.tf", "locals {}\n")
    return repo


def flat(text):
    return " ".join(text.split())


@pytest.mark.parametrize("folder", ["vendor", "third_party", ".hg", ".svn", "a/vendor"])
@pytest.mark.parametrize("name", ["main.tf", "pod.yaml", "pod.json"])
def test_config_in_a_vendored_folder_is_no_clean_scan(plain, capfd, folder, name):
    whole = json.dumps(yaml.safe_load(POD), indent=1)
    texts = {"main.tf": OPEN, "pod.yaml": POD, "pod.json": whole}
    hidden(plain, f"{folder}/{name}", texts[name])
    code, words = scan(capfd)
    assert code == 3
    assert f"{folder}/{name}" in flat(words)


def test_what_is_vendored_and_read_needs_no_note(repo, capfd):
    hidden(repo, "main.tf", 'module "m" {\n  source = "./vendor/m"\n}\n')
    hidden(repo, "vendor/m/main.tf")
    code, words = scan(capfd)
    assert code == 1
    assert "left out (vendored)" not in flat(words)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("crd.yaml", "apiVersion: v1\nkind: CustomResourceDefinition\n"),
        ("package.json", '{"name": "x"}'),
        ("variables.tf", 'variable "x" {}\n'),
        ("config.yaml", "lr: 1\n"),
    ],
)
def test_what_declares_nothing_may_be_vendored(plain, capfd, name, text):
    hidden(plain, f"vendor/{name}", text)
    assert scan(capfd)[0] == 0


GO = "# k8s.io/api v0.31.0\n## explicit; go 1.22\nk8s.io/api/core/v1\n"


@pytest.mark.parametrize(
    ("path", "listed", "code"),
    [
        ("vendor/k8s.io/api/core/v1/pod.yaml", GO, 0),
        ("a/vendor/k8s.io/api/pod.yaml", GO, 0),
        ("vendor/k8s.io/apiserver/pod.yaml", GO, 3),
        ("vendor/pod.yaml", GO, 3),
        ("vendor/k8s.io/api/pod.yaml", "", 3),
    ],
)
def test_what_go_vendors_is_named_and_gates_only_where_all_is_asked_for(
    plain, capfd, path, listed, code
):
    hidden(plain, path, POD)
    folder = path.partition("vendor/")[0]
    hidden(plain, f"{folder}go.mod", "module lab.example/x\n")
    if listed:
        hidden(plain, f"{folder}vendor/modules.txt", listed)
    found, words = scan(capfd)
    assert found == code
    assert path in flat(words)
    assert scan(capfd, "--strict")[0] == 3


def test_the_owner_may_say_that_a_vendored_folder_is_left_out(plain, capfd):
    hidden(plain, "vendor/main.tf")
    hidden(plain, ".mlsec-lint.yaml", "exclude: [vendor/]\n")
    result = json.loads(scan(capfd, "--format", "json")[1])
    assert result["summary"]["excluded"] == {"excluded-by-config": 1}
    assert "left-out" not in {note["kind"] for note in result["notes"]}


@pytest.mark.parametrize("folder", ["node_modules", ".terraform", "v/site-packages"])
def test_packages_gate_only_where_they_are_committed(plain, capfd, folder):
    hidden(plain, f"{folder}/pod.yaml", POD)
    code, words = scan(capfd)
    assert code == 0
    assert f"{folder}/pod.yaml" in flat(words)
    for line in (["init", "-q"], ["add", "-f", "."]):
        subprocess.run(["git", *line], cwd=plain, check=True)
    assert scan(capfd)[0] == 3


@pytest.mark.parametrize("pattern", ["*.yaml", "a/", "*"])
def test_an_ignore_file_without_git_hides_nothing_unsaid(plain, capfd, pattern):
    hidden(plain, "a/pod.yaml", POD)
    hidden(plain, "a/.gitignore" if pattern == "*" else ".gitignore", pattern + "\n")
    code, words = scan(capfd)
    assert code == 0
    assert "a/pod.yaml" in flat(words)
    assert scan(capfd, "--strict")[0] == 3


def test_more_left_out_files_than_are_looked_into_are_said(plain, capfd, monkeypatch):
    monkeypatch.setattr(left_out, "MOST", 3)
    for number in range(5):
        hidden(plain, f"vendor/{number}.yaml", "a: 1\n")
    code, words = scan(capfd)
    assert code == 3
    assert "2 files that nobody looked into" in flat(words)


def test_a_manifest_hides_neither_behind_its_size_nor_its_encoding(plain, capfd):
    text = json.dumps(yaml.safe_load(POD))
    hidden(plain, "vocabulary.json", "[]" + " " * 11_000_000)
    assert scan(capfd)[0] == 0
    hidden(plain, "pod.json", " " * 11_000_000 + text)
    assert scan(capfd)[0] == 3
    (plain / "pod.json").write_bytes(text.encode("utf-16"))
    assert scan(capfd)[0] == 3


def test_what_the_config_takes_out_of_the_judgement_is_said(repo, capfd):
    hidden(repo, ".mlsec-lint.yaml", "assets: [{address: '*', holds: none}]\n")
    code, words = scan(capfd)
    assert code == 0
    assert "1 store with signs of weights hold none: aws_s3_bucket.w" in flat(words)


def test_no_more_assets_than_are_looked_for(repo, capfd):
    row = "- {address: 'a*b*c', holds: none}\n"
    hidden(repo, ".mlsec-lint.yaml", "assets:\n" + row * 1_001)
    code, words = scan(capfd)
    assert code == 2
    assert "more than 1000 of `assets`" in flat(words)


@pytest.mark.parametrize("command", ["inventory", "readers", "posture", "map"])
def test_commands_that_do_not_judge_miss_what_is_left_out_too(repo, capfd, command):
    assert main([command]) == 0
    hidden(repo, "vendor/main.tf")
    assert main([command]) == 3
    capfd.readouterr()


@pytest.mark.parametrize("command", ["inventory", "readers", "posture", "map", "scan"])
def test_an_empty_folder_proves_nothing(tmp_path, capfd, command):
    folder = tmp_path / "empty"
    folder.mkdir()
    assert main([command, str(folder)]) == 3
    out = capfd.readouterr().out
    assert command != "scan" or "no file here that a scan reads" in out


QUIET = OPEN.replace("llm-weights", "runs").replace(
    '  tags   = { "mlsec/holds" = "weights" }\n', ""
)


@pytest.mark.parametrize(
    ("entry", "held"),
    [
        ("uri: s3://runs", True),
        ("uri: s3://runs/*", True),
        ("uri: s3://runs/sft/70b", True),
        ("uri: s3://ru*/sft/*", True),
        ("uri: s3://other/*", False),
        ("uri: s3://*/sft", False),
        ("address: aws_s3_bucket.w", True),
    ],
)
def test_a_declared_folder_is_of_its_bucket_or_told(repo, capfd, entry, held):
    hidden(repo, "main.tf", QUIET)
    key, _, name = entry.partition(": ")
    config = f'assets: [{{{key}: "{name}", holds: weights}}]\n'
    hidden(repo, ".mlsec-lint.yaml", config)
    code, words = scan(capfd)
    assert code == (1 if held else 0)
    assert ("asset-unused" in words) is not held


def test_a_folder_without_weights_says_nothing_of_its_bucket(repo, capfd):
    row = 'assets: [{uri: "s3://llm-weights/evals/*", holds: none}]\n'
    hidden(repo, ".mlsec-lint.yaml", row)
    code, words = scan(capfd)
    assert code == 1
    assert "nothing in the scan is called s3://llm-weights/evals/*" in " ".join(
        words.split()
    )
