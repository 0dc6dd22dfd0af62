"""`mlsec-lint diff`: what a change opens and closes, and nothing that was there before."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from change_matrix import REWRITES

from mlsec_lint.cli import main
from mlsec_lint.commands.judging import terms
from mlsec_lint.compare import change, see

ROOT = Path(__file__).parent.parent
RANGES = sorted((ROOT / "tests" / "ranges").glob("r*/repo"))
#: Repositories that name files from their top: moved, they mean something else.
FROM_TOP = {"r19-redirected-store", "r20-copied-image", "r43-release-values"}

WEIGHTS = """\
resource "aws_s3_bucket" "w" {
  bucket = "lab-weights"
  tags   = { "mlsec/holds" = "weights" }
}
"""
PUBLIC = """\
resource "aws_s3_bucket_acl" "w" {
  bucket = aws_s3_bucket.w.id
  acl    = "public-read"
}
"""
POLICY = """\
resource "aws_s3_bucket_policy" "w" {{
  bucket = aws_s3_bucket.w.id
  policy = jsonencode({{
    Statement = [{{
      Effect    = "Allow"
      Action    = "s3:GetObject"
      Resource  = "arn:aws:s3:::lab-weights/*"
      Principal = {{ AWS = "{who}" }}
    }}]
  }})
}}
"""
PARTNER = "arn:aws:iam::999988887777:root"
JOB = """\
base_model: lab/base
adapter: lora
datasets:
  - path: s3://corpus/sft
micro_batch_size: 1
output_dir: s3://lab-weights/sft
hub_model_id: lab/public-sft
"""


def git(folder, *arguments, stdin=None):
    done = subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x@y", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        input=stdin,
    )
    return done.stdout.decode().strip()


@pytest.fixture
def repo(tmp_path, monkeypatch):
    repo = tmp_path / "repo"
    repo.mkdir()
    git(repo, "init", "-q")
    monkeypatch.chdir(repo)
    return repo


def put(repo, files):
    for name, text in files.items():
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text(text, encoding="utf-8")


def commit(repo, tag="base"):
    git(repo, "add", "-A", "-f")
    git(repo, "commit", "-q", "--allow-empty", "-m", tag)
    git(repo, "tag", "-f", tag)


def diff(capfd, *options):
    """Exit code and the JSON document, or what was said on standard error."""
    code = main(["diff", *(options or ("base",)), "--format", "json"])
    streams = capfd.readouterr()
    return code, json.loads(streams.out) if streams.out else streams.err


def text(capfd, *options):
    code = main(["diff", *(options or ("base",))])
    return code, capfd.readouterr().out


def is_silent(document):
    kinds = ("paths", "findings", "readers", "stores", "copies", "places", "lost")
    return not any(document[kind] for kind in kinds)


# -- what changes nothing ---------------------------------------------------------


@pytest.mark.parametrize("root", [ROOT / "examples" / "lab", *RANGES], ids=str)
def test_rewrites_change_nothing(root, tmp_path):
    policies, baseline, config = terms(str(root))
    judged = {"policies": policies, "baseline": baseline, "config": config}
    before = see(str(root), **judged)
    assert before.result.findings
    for number, rewrite in enumerate(REWRITES):
        if rewrite.__name__ == "move_folders" and root.parent.name in FROM_TOP:
            continue
        copy = tmp_path / str(number)
        shutil.copytree(root, copy)
        rewrite(copy)
        after = see(str(copy), **judged)
        names = (("before", ""), ("after", ""))
        found = change(before, after, names, config.over(baseline))
        assert found.is_empty, rewrite.__name__
        assert not found.lost, rewrite.__name__


@pytest.mark.parametrize("options", [("base",), ("base", "base"), ("base", "HEAD")])
def test_no_change(repo, capfd, options):
    put(repo, {"main.tf": WEIGHTS + PUBLIC, "jobs/sft.yaml": JOB})
    commit(repo)
    code, document = diff(capfd, *options)
    assert code == 0
    assert is_silent(document)
    assert document["before"]["weight_stores"] == ["aws_s3_bucket.w"]


def test_a_moved_block(repo, capfd):
    put(repo, {"main.tf": 'module "a" {\n  source = "./m"\n}\n', "m/main.tf": WEIGHTS})
    commit(repo)
    inner = WEIGHTS.replace('"lab-weights"', "var.unknown")
    put(repo, {"m/main.tf": inner + 'variable "unknown" {}\n'})
    commit(repo)
    moved = "moved {\n  from = module.a\n  to   = module.b[0]\n}\n"
    call = 'module "b" {\n  count = 1\n  source = "./m"\n}\n'
    put(repo, {"main.tf": call + moved})
    code, document = diff(capfd)
    renamed = {(one["from"], one["to"]) for one in document["renamed"]}
    assert ("module.a.aws_s3_bucket.w", "module.b[0].aws_s3_bucket.w") in renamed
    assert code == 0
    assert is_silent(document)


def test_a_renamed_object_of_kubernetes(repo, capfd):
    shutil.copytree(ROOT / "examples" / "lab", repo, dirs_exist_ok=True)
    commit(repo)
    for name in ("k8s/base/pretrain.yaml", "k8s/overlays/prod/kustomization.yaml",
                 "k8s/overlays/prod/debug.yaml"):  # fmt: skip
        found = (repo / name).read_text(encoding="utf-8")
        (repo / name).write_text(found.replace("name: pretrain", "name: main-run"))
    code, document = diff(capfd)
    assert code == 0
    assert is_silent(document)
    assert document["renamed"]


def test_what_git_ignores_and_tracks_is_on_both_sides(repo, capfd):
    put(repo, {".gitignore": "*.tf\n", "main.tf": WEIGHTS + PUBLIC})
    commit(repo)
    code, document = diff(capfd)
    assert code == 0
    assert is_silent(document)
    assert document["before"]["weight_stores"] == ["aws_s3_bucket.w"]


# -- what is new and what is gone -------------------------------------------------


def test_an_opened_path(repo, capfd):
    put(repo, {"main.tf": WEIGHTS})
    commit(repo)
    put(repo, {"jobs/sft.yaml": JOB})
    code, document = diff(capfd)
    assert code == 1
    opened = [one for one in document["paths"] if one["finding"]["verdict"] == "fail"]
    assert [one["state"] for one in opened] == ["new"]
    assert opened[0]["finding"]["path"]["sink"] == "service:huggingface.co"
    assert "Opens 1 path" in document["text"]
    code, shown = text(capfd)
    assert code == 1
    assert "3 upload to huggingface" in " ".join(shown.split())
    assert "jobs/sft.yaml:7 | hub_model_id: lab/public-sft" in shown
    # What lies on a path is told with it.
    assert "\n  critical[egress-hub-upload]" not in shown


def test_a_closed_path(repo, capfd):
    put(repo, {"main.tf": WEIGHTS, "jobs/sft.yaml": JOB})
    commit(repo)
    put(repo, {"jobs/sft.yaml": JOB.replace("hub_model_id: lab/public-sft\n", "")})
    code, document = diff(capfd)
    assert code == 0
    closed = [one for one in document["paths"] if one["state"] == "closed"]
    assert closed[0]["finding"]["position"]["line"] == 7
    assert not [one for one in document["paths"] if one["state"] != "closed"]
    _, shown = text(capfd)
    assert "Closed" in shown
    assert "weights-to-outside-service" in shown.split("Closed")[1]
    # The other way round it is opened.
    commit(repo, "closed")
    assert diff(capfd, "closed", "base")[0] == 1


def test_below_the_threshold(repo, capfd):
    put(repo, {"main.tf": WEIGHTS})
    commit(repo)
    put(repo, {"main.tf": WEIGHTS + PUBLIC})
    assert diff(capfd)[0] == 1
    put(repo, {"main.tf": WEIGHTS, "more.tf": WEIGHTS.replace('"w"', '"v"')})
    assert diff(capfd)[0] == 1
    assert diff(capfd, "base", "--fail-on", "critical")[0] == 0


def test_new_readers(repo, capfd):
    put(repo, {"main.tf": WEIGHTS})
    commit(repo)
    put(repo, {"policy.tf": POLICY.format(who=PARTNER)})
    _, document = diff(capfd)
    (reader,) = document["readers"]
    assert reader["state"] == "new"
    assert (reader["behind"], reader["certain"]) == ("account", True)
    assert reader["steps"][-1]["position"]["path"] == "policy.tf"
    assert "1 reader (1 outside account)" in document["text"]
    commit(repo)
    # Another account in the same place is another reader, whatever else is equal.
    put(repo, {"policy.tf": POLICY.format(who=PARTNER.replace("9999", "8888"))})
    _, document = diff(capfd)
    assert sorted(one["state"] for one in document["readers"]) == ["closed", "new"]


def test_a_new_subject_of_an_old_finding(repo, capfd):
    many = WEIGHTS.replace('"lab-weights"', '"lab-${each.key}"').replace(
        "{\n", "{\n  for_each = toset([KEYS])\n", 1
    )
    put(repo, {"main.tf": many.replace("KEYS", '"a"')})
    commit(repo)
    put(repo, {"main.tf": many.replace("KEYS", '"a", "b"')})
    code, document = diff(capfd)
    assert code == 1
    assert document["findings"]
    for one in document["findings"]:
        assert (one["state"], one["own"]) == ("new", False)
        assert [o.partition("/")[0] for o in one["others"]] == ['aws_s3_bucket.w["b"]']
    assert [one["store"] for one in document["stores"]] == ['aws_s3_bucket.w["b"]']


def test_what_was_undecided_is_certain_now(repo, capfd):
    put(repo, {"main.tf": WEIGHTS + PUBLIC.replace('"public-read"', "var.acl"),
               "variables.tf": 'variable "acl" {}\n'})  # fmt: skip
    commit(repo)
    put(repo, {"x.auto.tfvars": 'acl = "public-read"\n'})
    code, document = diff(capfd)
    assert code == 1
    states = {o["finding"]["fact"]: o["state"] for o in document["findings"]}
    assert states["public.acl"] == "certain"


def test_copies_and_places(repo, capfd):
    provider = 'provider "aws" {\n  region = "us-east-1"\n}\n'
    put(repo, {"main.tf": provider + WEIGHTS})
    commit(repo)
    copy = """\
resource "aws_s3_bucket_replication_configuration" "w" {
  bucket = aws_s3_bucket.w.id
  role   = "arn:aws:iam::111122223333:role/copy"
  rule {
    status = "Enabled"
    destination {
      bucket  = "arn:aws:s3:::somebody-elses"
      account = "999988887777"
    }
  }
}
"""
    put(repo, {"main.tf": provider.replace("us-east-1", "eu-west-1") + WEIGHTS + copy})
    _, document = diff(capfd)
    (found,) = document["copies"]
    assert found["state"] == "new"
    assert "999988887777" in found["to"]
    (place,) = (one for one in document["places"] if one["kind"] == "store")
    assert place["place"].startswith("aws eu-west-1")
    assert place["was"].startswith("aws us-east-1")


def test_more_routes_than_are_told(repo, capfd):
    """A route that is pushed out of the five is not closed; a sixth one is new."""
    names = [f"jobs/{number}.yaml" for number in range(7)]
    put(repo, {"main.tf": WEIGHTS, **dict.fromkeys(names[1:6], JOB)})
    commit(repo)
    put(repo, {names[0]: JOB.replace("sft", "other")})
    code, document = diff(capfd)
    fails = [one for one in document["paths"] if one["finding"]["verdict"] == "fail"]
    assert code == 1
    assert [one["state"] for one in fails] == ["new"]
    commit(repo)
    put(repo, {names[6]: JOB.replace("sft", "third")})
    code, document = diff(capfd)
    fails = [one for one in document["paths"] if one["finding"]["verdict"] == "fail"]
    assert code == 1
    assert [(o["state"], o["own"], len(o["others"])) for o in fails] == [
        ("new", False, 1)
    ]
    assert not [one for one in document["paths"] if one["state"] == "closed"]


# -- acceptances and terms --------------------------------------------------------

COMMENT = " # mlsec: ignore weights-no-public-access we publish these"


def test_a_change_that_accepts_what_it_opens(repo, capfd):
    put(repo, {"main.tf": WEIGHTS})
    commit(repo)
    opened = PUBLIC.replace('"public-read"', f'"public-read"{COMMENT}')
    put(repo, {"main.tf": WEIGHTS + opened})
    rule = "weights-no-public-access"
    _, document = diff(capfd)
    states = {o["finding"]["rule"]: o["state"] for o in document["findings"]}
    assert states[rule] == "accepted"
    _, shown = text(capfd)
    assert "we publish these" in shown
    code, document = diff(capfd, "base", "--trusted-config", "base")
    states = {o["finding"]["rule"]: o["state"] for o in document["findings"]}
    assert code == 1
    assert states[rule] == "new"


def test_an_edited_config_is_told(repo, capfd):
    put(repo, {"main.tf": WEIGHTS})
    commit(repo)
    config = (
        "exceptions:\n- rule: weights-no-public-access\n  address: '*'\n  reason: x\n"
    )
    put(repo, {"main.tf": WEIGHTS + PUBLIC, ".mlsec-lint.yaml": config})
    _, document = diff(capfd)
    assert ".mlsec-lint.yaml" in document["warnings"][0]
    commit(repo, "edited")
    _, document = diff(capfd, "base", "edited")
    assert ".mlsec-lint.yaml" in document["warnings"][0]
    code, document = diff(capfd, "base", "edited", "--trusted-config", "base")
    assert (code, document["warnings"]) == (1, [])


# -- what cannot be analysed ------------------------------------------------------


def test_a_file_that_breaks(repo, capfd):
    put(repo, {"main.tf": WEIGHTS, "a.tf": "ok = 1\n"})
    commit(repo)
    put(repo, {"broken.tf": 'resource "x" {{{\n'})
    code, document = diff(capfd)
    assert code == 3
    assert document["lost"][0]["path"] == "broken.tf"
    assert document["incomplete"] is True
    commit(repo)
    # It was as broken before, and nobody touched it.
    assert diff(capfd)[0] == 0
    put(repo, {"broken.tf": '# touched\nresource "x" {{{\n'})
    assert diff(capfd)[0] == 3
    # What it opens all the same counts before that.
    put(repo, {"main.tf": WEIGHTS + PUBLIC})
    assert diff(capfd)[0] == 1
    (repo / "broken.tf").unlink()
    put(repo, {"main.tf": WEIGHTS})
    code, document = diff(capfd)
    assert code == 0
    assert "could not be analysed before" in document["warnings"][0]


def test_nothing_to_scan(repo, capfd):
    put(repo, {"notes.txt": "x"})
    commit(repo)
    assert diff(capfd)[0] == 3
    put(repo, {"main.tf": WEIGHTS})
    _, document = diff(capfd)
    assert "nothing to scan before" in document["warnings"][0]
    assert [one["state"] for one in document["stores"]] == ["new"]


def test_folders_of_one_side(repo, capfd):
    put(repo, {"infra/main.tf": WEIGHTS + PUBLIC, "other/main.tf": WEIGHTS})
    commit(repo)
    shutil.rmtree(repo / "infra")
    commit(repo, "gone")
    for sides in (("base",), ("base", "gone")):
        code, document = diff(capfd, *sides, "--path", "infra")
        assert code == 0
        assert {one["state"] for one in document["findings"]} == {"closed"}
    code, document = diff(capfd, "gone", "base", "--path", "infra")
    assert code == 1
    assert {one["state"] for one in document["findings"]} == {"new"}
    code, words = diff(capfd, "base", "--path", "nowhere")
    assert code == 2
    assert "neither side" in words
    assert diff(capfd, "base", "--path", "other/main.tf")[0] == 2
    assert diff(capfd, "base", "--path", "../..")[0] == 2


@pytest.mark.parametrize(
    "ref", ["nowhere", "--output=x", "-h", "base:main.tf", "a\nb", ""]
)
@pytest.mark.parametrize("side", [0, 1])
def test_what_is_no_commit_is_a_mistake(repo, capfd, ref, side):
    put(repo, {"main.tf": WEIGHTS})
    commit(repo)
    if ref == "" and side == 1:
        return  # the work tree
    sides = ["base", "base"]
    sides[side] = ref
    assert main(["diff", "--format", "json", "--", *sides]) == 2
    words = capfd.readouterr().err
    assert "is the commit fetched?" in words
    assert not (repo / "x").exists()


def test_no_work_tree_is_a_mistake(tmp_path, capfd, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert diff(capfd, "base")[0] == 2


def test_a_shallow_clone(repo, capfd, tmp_path, monkeypatch):
    put(repo, {"main.tf": WEIGHTS})
    commit(repo)
    old = git(repo, "rev-parse", "HEAD")
    put(repo, {"main.tf": WEIGHTS + PUBLIC})
    commit(repo, "later")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repo}", str(shallow))
    monkeypatch.chdir(shallow)
    code, words = diff(capfd, old)
    assert code == 2
    assert "is the commit fetched?" in words
    assert diff(capfd, "HEAD")[0] == 0


def test_a_clone_without_its_contents(repo, capfd, tmp_path, monkeypatch):
    put(repo, {"main.tf": WEIGHTS})
    commit(repo)
    put(repo, {"main.tf": WEIGHTS + PUBLIC})
    commit(repo, "later")
    git(repo, "config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    git(tmp_path, "clone", "-q", "--filter=blob:none", f"file://{repo}", str(partial))
    monkeypatch.chdir(partial)
    code, words = diff(capfd, "base")
    assert code == 2
    assert "is the commit fetched?" in words


# -- hostile repositories ---------------------------------------------------------


def test_nothing_of_the_repository_is_executed(repo, capfd):
    marker = repo / "ran"
    put(repo, {"main.tf": WEIGHTS, ".gitattributes": "* diff=x filter=x\n"})
    commit(repo)
    for key in ("diff.x.textconv", "diff.x.command", "filter.x.smudge",
                "filter.x.clean", "filter.x.process", "core.fsmonitor"):  # fmt: skip
        git(repo, "config", key, f"touch {marker}")
    hook = repo / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
    hook.chmod(0o755)
    (repo / "main.tf").write_text(WEIGHTS + PUBLIC)
    assert diff(capfd)[0] == 1
    assert diff(capfd, "base", "base")[0] == 0
    assert not marker.exists()


def _tree(repo, *entries):
    """A tree object of any names, as no git would write it."""
    body = b""
    for mode, name, target in entries:
        body += mode + b" " + name + b"\0" + bytes.fromhex(target)
    return git(
        repo, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=body
    )


@pytest.mark.parametrize(
    "name", [b"..", b".git", b".GIT", b"git~1", b".g\xe2\x80\x8cit"]
)
def test_names_that_lead_out(repo, capfd, name, tmp_path):
    put(repo, {"main.tf": WEIGHTS})
    commit(repo)
    evil = git(repo, "hash-object", "-w", "--stdin", stdin=b"evil")
    good = git(repo, "hash-object", "-w", "--stdin", stdin=WEIGHTS.encode())
    inner = _tree(repo, (b"100644", b"evil.tf", evil))
    top = _tree(repo, (b"40000", name, inner), (b"100644", b"main.tf", good))
    bad = git(repo, "commit-tree", top, "-m", "bad")
    code, document = diff(capfd, "base", bad)
    assert code == 3
    assert "no checkout would write" in document["lost"][0]["text"]
    assert not list(tmp_path.rglob("evil.tf"))


def test_a_link_and_a_folder_of_one_name(repo, capfd, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    put(repo, {"main.tf": WEIGHTS})
    commit(repo)
    link = git(repo, "hash-object", "-w", "--stdin", stdin=str(outside).encode())
    evil = git(repo, "hash-object", "-w", "--stdin", stdin=b"evil")
    inner = _tree(repo, (b"100644", b"evil.tf", evil))
    top = _tree(repo, (b"120000", b"a", link), (b"40000", b"a", inner))
    bad = git(repo, "commit-tree", top, "-m", "bad")
    code, document = diff(capfd, "base", bad)
    assert code == 3
    assert "a of the commit could not be written" in document["lost"][0]["text"]
    assert list(outside.iterdir()) == []


def test_links_out_of_the_folder(repo, capfd, tmp_path):
    (tmp_path / "secret.tf").write_text(WEIGHTS + PUBLIC)
    put(repo, {"main.tf": WEIGHTS})
    (repo / "up.tf").symlink_to("../secret.tf")
    (repo / "abs.tf").symlink_to(tmp_path / "secret.tf")
    (repo / "inner.tf").symlink_to("main.tf")
    commit(repo)
    code, document = diff(capfd, "base", "base")
    assert (code, is_silent(document)) == (0, True)
    code, document = diff(capfd, "base")
    assert (code, is_silent(document)) == (0, True)
    # A new one that leads out is not followed, and told.
    (repo / "later.tf").symlink_to("../secret.tf")
    code, document = diff(capfd, "base")
    assert (code, document["findings"]) == (3, [])
    assert [one["path"] for one in document["lost"]] == ["later.tf"]


def test_large_and_binary_files(repo, monkeypatch):
    from mlsec_lint.discovery import checkout

    monkeypatch.setattr(checkout, "MAX_TEXT", 1_000)
    monkeypatch.setattr(checkout, "MAX_BYTES", 2_000)
    put(repo, {"main.tf": WEIGHTS, "big.yaml": "a: b\n" * 1_000,
               "mid.yaml": "a: b\n" * 300})  # fmt: skip
    (repo / "raw.yaml").write_bytes(b"\0\xff" * 300)
    (repo / "name \xe9\n.tf").write_bytes(b"# odd\n")
    os.rename(repo / "name \xe9\n.tf", os.fsencode(str(repo)) + b"/bad\xff.tf")
    commit(repo)
    into = repo.parent / "into"
    into.mkdir()
    found = checkout.check_out(str(repo), "", "base", str(into))
    assert found.notes == ()
    assert (into / "big.yaml").stat().st_size == 5_000
    assert (into / "big.yaml").read_bytes() == bytes(5_000)
    assert (into / "mid.yaml").read_bytes() == b"a: b\n" * 300
    assert (into / "raw.yaml").read_bytes() == b"\0\xff" * 300
    assert sorted(os.listdir(os.fsencode(str(into)))) == [
        b"bad\xff.tf", b"big.yaml", b"main.tf", b"mid.yaml", b"raw.yaml",
    ]  # fmt: skip


def test_submodules(repo, capfd, tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    put(inner, {"main.tf": WEIGHTS})
    commit(inner)
    put(repo, {"main.tf": 'module "m" {\n  source = "./sub"\n}\n'})
    allowed = ("-c", "protocol.file.allow=always")
    git(repo, *allowed, "submodule", "add", "-q", str(inner), "sub")
    commit(repo)
    code, document = diff(capfd)
    assert code == 0
    assert is_silent(document)
    assert document["before"]["weight_stores"] == ["module.m.aws_s3_bucket.w"]
    put(repo / "sub", {"main.tf": WEIGHTS + PUBLIC})
    assert diff(capfd)[0] == 1
    git(repo, "submodule", "deinit", "-q", "-f", "sub")
    code, document = diff(capfd)
    assert (code, is_silent(document)) == (0, True)


# -- reports ----------------------------------------------------------------------

HOSTILE = "@team ![x](http://evil.example/p.png) <script>\x1b[31m\u202e ::error:: |"


def test_hostile_text_does_nothing(repo, capfd):
    put(repo, {"main.tf": WEIGHTS})
    commit(repo)
    name = json.dumps(HOSTILE)
    put(repo, {"policy.tf": POLICY.format(who=PARTNER), "more.tf": f"""\
resource "aws_s3_bucket" "v" {{
  for_each = toset([{name}])
  bucket   = "other"
  tags     = {{ "mlsec/holds" = "weights" }}
}}
"""})  # fmt: skip
    for form in ("text", "markdown", "sarif", "json"):
        main(["diff", "base", "--format", form])
        shown = capfd.readouterr().out
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        if form == "markdown":
            plain = _outside_code(shown)
            assert "@team" not in plain
            assert "![x]" not in plain
            assert "<script>" not in plain


def _outside_code(shown):
    return re.sub(r"(`+)[^`].*?\1", "", shown)


def test_markdown_fits_a_comment(repo, capfd):
    put(repo, {"main.tf": WEIGHTS})
    commit(repo)
    buckets = "".join(
        WEIGHTS.replace('"w"', f'"b{n}_{"x" * 100}"').replace("lab-", f"lab{n}-")
        for n in range(300)
    )
    put(repo, {"more.tf": buckets})
    assert main(["diff", "base", "--format", "markdown"]) == 1
    shown = capfd.readouterr().out
    assert len(shown) <= 60_000
    assert shown.startswith("<!-- mlsec-lint diff -->\n### mlsec-lint: ")
    assert "300 stores with weights" in shown


def test_sarif_says_what_is_new(repo, capfd):
    jsonschema = pytest.importorskip("jsonschema")
    put(repo, {"infra/main.tf": WEIGHTS, "infra/jobs/sft.yaml": JOB})
    commit(repo)
    (repo / "infra/jobs/sft.yaml").unlink()
    put(repo, {"infra/main.tf": WEIGHTS + PUBLIC})
    assert main(["diff", "base", "--path", "infra", "--format", "sarif"]) == 1
    log = json.loads(capfd.readouterr().out)
    schema = ROOT / "tests" / "report" / "schema" / "sarif-2.1.0.json"
    jsonschema.validate(log, json.loads(schema.read_text(encoding="utf-8")))
    results = log["runs"][0]["results"]
    states = {}
    for one in results:
        states.setdefault(one["baselineState"], set()).add(one["ruleId"])
    assert "weights-no-public-access" in states["new"]
    assert "weights-to-outside-service" in states["absent"]
    assert "weights-customer-key" in states["unchanged"]
    (gone,) = (o for o in results if o["ruleId"] == "weights-to-outside-service")
    place = gone["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert place == "infra/jobs/sft.yaml"


def test_several_reports_at_once(repo, capfd):
    put(repo, {"main.tf": WEIGHTS})
    commit(repo)
    put(repo, {"main.tf": WEIGHTS + PUBLIC})
    out = [
        "--output",
        "markdown:c.md",
        "--output",
        "sarif:c.sarif",
        "--output",
        "c.txt",
    ]
    assert main(["diff", "base", *out]) == 1
    assert capfd.readouterr().out == ""
    assert (repo / "c.md").read_text(encoding="utf-8").startswith("<!--")
    assert json.loads((repo / "c.sarif").read_text(encoding="utf-8"))
    assert main(["diff", "base", "--output", "junit:c.xml"]) == 2
