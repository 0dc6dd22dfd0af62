"""`--trusted-config REF`: a pull request cannot excuse itself."""

from __future__ import annotations

import json
import subprocess

import pytest

from mlsec_lint.cli import main
from mlsec_lint.discovery import HistoryError, Past

BUCKET = """\
resource "aws_s3_bucket" "{name}" {{
  bucket = "{name}-weights"
  tags   = {{ "mlsec/holds" = "weights" }}
}}
resource "aws_s3_bucket_acl" "{name}" {{
  bucket = aws_s3_bucket.{name}.id
  acl    = "public-read"{comment}
}}
"""
RULE = "weights-no-public-access"
COMMENT = f" # mlsec: ignore {RULE} published checkpoints"
EXCEPTION = f"exceptions:\n- rule: {RULE}\n  address: '*'\n  reason: because\n"


def git(folder, *arguments):
    subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x@y", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
    )


@pytest.fixture
def repo(tmp_path, monkeypatch):
    repo = tmp_path / "repo"
    repo.mkdir()
    git(repo, "init", "-q")
    monkeypatch.chdir(repo)
    return repo


def put(repo, **files):
    for name, text in files.items():
        (repo / name.replace("__", ".")).write_text(text, encoding="utf-8")


def trust(repo):
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "--allow-empty", "-m", "trusted")
    git(repo, "tag", "-f", "base")


def scan(capfd, *options):
    code = main(["scan", "--rule", RULE, "--format", "json", *options])
    streams = capfd.readouterr()
    return code, streams.out + streams.err


def bucket(name="w", comment=""):
    return BUCKET.format(name=name, comment=comment)


def test_a_new_comment_excuses_nothing(repo, capfd):
    put(repo, main__tf=bucket())
    trust(repo)
    put(repo, main__tf=bucket(comment=COMMENT))
    assert scan(capfd)[0] == 0
    code, text = scan(capfd, "--trusted-config", "base")
    assert code == 1
    assert "ignore-not-trusted" in text


def test_a_comment_that_was_there_still_does(repo, capfd):
    put(repo, main__tf=bucket(comment=COMMENT))
    trust(repo)
    put(repo, main__tf="# a new first line\n\n" + bucket(comment=COMMENT))
    assert scan(capfd, "--trusted-config", "base")[0] == 0


@pytest.mark.parametrize(
    "text",
    [
        bucket("a") + bucket("b", COMMENT),
        bucket("a", COMMENT) + bucket("b", COMMENT),
        bucket("a", COMMENT).replace("published", "other"),
        bucket("a", COMMENT).replace("public-read", "public-read-write"),
        bucket("a", COMMENT).replace("aws_s3_bucket.a.id", '"a-weights"'),
    ],
)
def test_a_comment_that_moved_or_whose_block_changed_does_not(repo, capfd, text):
    put(repo, main__tf=bucket("a", COMMENT) + bucket("b"))
    git(repo, "add", "-A")
    trust(repo)
    put(repo, main__tf=text)
    code, text = scan(capfd, "--trusted-config", "base")
    assert code == 1


def test_a_comment_in_another_file_does_not(repo, capfd):
    put(repo, main__tf=bucket(comment=COMMENT))
    trust(repo)
    (repo / "main.tf").rename(repo / "other.tf")
    assert scan(capfd, "--trusted-config", "base")[0] == 1


def test_the_config_is_the_commits(repo, capfd):
    put(repo, main__tf=bucket())
    trust(repo)
    (repo / ".mlsec-lint.yaml").write_text(EXCEPTION + "exclude: ['*.tf']\n", "utf-8")
    assert scan(capfd)[0] == 3
    assert scan(capfd, "--trusted-config", "base")[0] == 1
    trust(repo)
    (repo / ".mlsec-lint.yaml").write_text(EXCEPTION, "utf-8")
    trust(repo)
    (repo / ".mlsec-lint.yaml").unlink()
    assert scan(capfd, "--trusted-config", "base")[0] == 0


@pytest.mark.parametrize("way", ["config", "option"])
def test_a_baseline_file_is_the_commits(repo, capfd, way):
    put(repo, main__tf=bucket(), own__yaml="id: own\nextends: SL2\n")
    options = ["--baseline", "own.yaml"] if way == "option" else []
    if way == "config":
        (repo / ".mlsec-lint.yaml").write_text("baseline: own.yaml\n", "utf-8")
    trust(repo)
    put(repo, own__yaml=f"id: own\nextends: SL2\nwithout: [{RULE}]\n")
    untrusted = ["scan", "--format", "json", *options]
    main(untrusted)
    assert RULE not in rules_of(capfd)
    main([*untrusted, "--trusted-config", "base"])
    assert RULE in rules_of(capfd)


def rules_of(capfd):
    return {f["rule"] for f in json.loads(capfd.readouterr().out)["findings"]}


def test_a_config_named_by_the_option(repo, capfd, tmp_path):
    put(repo, main__tf=bucket(), own__yaml="baseline: SL2\n")
    trust(repo)
    put(repo, own__yaml=EXCEPTION, new__yaml=EXCEPTION)
    (tmp_path / "ours.yaml").write_text(EXCEPTION, "utf-8")
    trusted = ("--trusted-config", "base", "--config")
    assert scan(capfd, *trusted, "own.yaml")[0] == 1
    assert scan(capfd, *trusted, "new.yaml")[0] == 2
    assert scan(capfd, *trusted, "../ours.yaml")[0] == 0


def test_a_folder_below_the_work_tree(repo, capfd):
    (repo / "infra").mkdir()
    (repo / "infra/main.tf").write_text(bucket(comment=COMMENT), "utf-8")
    trust(repo)
    assert scan(capfd, "infra", "--trusted-config", "base")[0] == 0
    (repo / "infra/main.tf").write_text(bucket("x", COMMENT), "utf-8")
    assert scan(capfd, "infra", "--trusted-config", "base")[0] == 1


@pytest.mark.parametrize("ref", ["nowhere", "--output=x", "-h", "base:main.tf", "a\nb"])
def test_what_is_no_commit_is_a_mistake(repo, capfd, ref):
    put(repo, main__tf=bucket())
    trust(repo)
    code, text = scan(capfd, f"--trusted-config={ref}")
    assert code == 2
    assert "is the commit fetched?" in text
    assert not (repo / "x").exists()


def test_no_work_tree_is_a_mistake(tmp_path, capfd, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert scan(capfd, "--trusted-config", "base")[0] == 2


def test_texts_of_a_commit_are_raw(repo):
    marker = repo / "ran"
    put(repo, a__tf="one\n", b__tf="two\n", __gitattributes="* diff=x filter=x\n")
    (repo / "link.tf").symlink_to("/etc/passwd")
    trust(repo)
    for key in ("diff.x.textconv", "filter.x.smudge", "filter.x.process"):
        git(repo, "config", key, f"touch {marker}")
    put(repo, a__tf="changed\n")
    past = Past(str(repo), "base")
    found = past.sources(["b.tf", "a.tf", "link.tf", "none.tf", "../a.tf", "b.tf"])
    assert {path: source.text for path, source in found.items()} == {
        "a.tf": "one\n",
        "b.tf": "two\n",
    }
    assert past.source("a.tf").path == "a.tf"
    assert not marker.exists()
    with pytest.raises(HistoryError):
        Past(str(repo), "")


def test_a_pull_request_does_not_choose_the_cluster(repo, capsys):
    cluster = """
resource "aws_eks_cluster" "{name}" {{
  name     = "{name}"
  role_arn = "arn:aws:iam::111122223333:role/eks"
  vpc_config {{
    subnet_ids             = ["subnet-0a"]
    endpoint_public_access = {public}
  }}
}}
"""
    job = """
apiVersion: batch/v1
kind: Job
metadata: {name: sft}
spec:
  template:
    spec:
      containers:
        - name: t
          image: x
          args: [--output_dir, s3://acme-weights/sft]
          resources: {limits: {nvidia.com/gpu: 8}}
"""
    both = cluster.format(name="open", public="true")
    both += cluster.format(name="shut", public="false")
    put(repo, main__tf=both, job__yaml=job)
    git(repo, "add", ".")
    git(repo, "commit", "-qm", "base")
    config = "clusters:\n- {path: job.yaml, cluster: shut}\n"
    (repo / ".mlsec-lint.yaml").write_text(config, encoding="utf-8")

    def asked(*options):
        main(["scan", ".", "--format", "json", *options])
        report = json.loads(capsys.readouterr().out)
        return [f for f in report["findings"] if f["rule"] == "which-cluster"]

    assert asked() == []
    (finding,) = asked("--trusted-config", "HEAD")
    assert "access-control-plane" in finding["message"]
