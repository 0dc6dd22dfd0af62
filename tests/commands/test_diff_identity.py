"""Which things `diff` takes for the same: never people, accounts or stores by likeness."""

from __future__ import annotations

import pytest

from mlsec_lint.commands.judging import terms
from mlsec_lint.compare import change, see

BUCKET = """\
resource "aws_s3_bucket" "{label}" {{
  bucket = "{name}"
  tags   = {{ "mlsec/holds" = "weights" }}
}}
"""
USER = """\
resource "aws_iam_user" "{label}" {{
  name = "{name}"
}}
resource "aws_iam_user_policy" "{label}" {{
  user   = aws_iam_user.{label}.name
  policy = jsonencode({{
    Statement = [{{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::lab-weights/*"
    }}]
  }})
}}
"""
ACCOUNT = """\
apiVersion: v1
kind: ServiceAccount
metadata: {{name: {name}, namespace: ml}}
---
apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: ml}}
spec:
  serviceAccountName: {name}
  containers:
  - name: serve
    image: vllm/vllm-openai@sha256:{digest}
    args: [--model, s3://lab-weights/final]
    resources: {{limits: {{nvidia.com/gpu: 1}}}}
"""
HELD = BUCKET.format(label="w", name="lab-weights")


def compare(tmp_path, before, after):
    """The change between two sets of files."""
    policies, baseline, config = terms(str(tmp_path))
    seen = []
    for side, files in (("before", before), ("after", after)):
        for name, text in files.items():
            path = tmp_path / side / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        (tmp_path / side).mkdir(exist_ok=True)
        root = str(tmp_path / side)
        seen.append(see(root, policies=policies, baseline=baseline, config=config))
    return change(*seen, (("before", ""), ("after", "")), baseline)


def states(entries, *names):
    return sorted(tuple(getattr(one, name) for name in names) for one in entries)


def test_another_person_is_another_reader(tmp_path):
    old = HELD + USER.format(label="alice", name="alice")
    new = HELD + USER.format(label="mallory", name="mallory")
    found = compare(tmp_path, {"main.tf": old}, {"main.tf": new})
    assert states(found.readers, "state", "identity", "behind") == [
        ("closed", "aws_iam_user.alice", "person"),
        ("new", "aws_iam_user.mallory", "person"),
    ]


def test_the_same_person_under_another_label(tmp_path):
    old = HELD + USER.format(label="alice", name="alice")
    new = HELD + USER.format(label="al", name="alice")
    found = compare(tmp_path, {"main.tf": old}, {"main.tf": new})
    assert found.is_empty
    assert ("aws_iam_user.alice", "aws_iam_user.al") in found.moved


def test_another_person_under_the_same_label(tmp_path):
    old = HELD + USER.format(label="reader", name="alice")
    new = HELD + USER.format(label="reader", name="mallory")
    found = compare(tmp_path, {"main.tf": old}, {"main.tf": new})
    assert states(found.readers, "state", "identity") == [
        ("closed", "aws_iam_user.reader"),
        ("new", "aws_iam_user.reader"),
    ]
    assert not found.moved


def test_another_bucket_is_another_store(tmp_path):
    new = BUCKET.format(label="v", name="other-weights")
    found = compare(tmp_path, {"main.tf": HELD}, {"main.tf": new})
    assert states(found.stores, "state", "store") == [
        ("closed", "aws_s3_bucket.w"),
        ("new", "aws_s3_bucket.v"),
    ]
    assert {one.state for one in found.findings} == {"new", "closed"}


def test_labels_that_change_places(tmp_path):
    pair = [BUCKET.format(label=label, name=f"{label}-weights") for label in "ab"]
    public = 'resource "aws_s3_bucket_acl" "x" {{\n  bucket = aws_s3_bucket.{}.id\n'
    public += '  acl    = "public-read"\n}}\n'
    old = "".join(pair) + public.format("a")
    new = "".join(pair) + public.format("b")
    found = compare(tmp_path, {"main.tf": old}, {"main.tf": new})
    subjects = {
        (one.state, one.finding.subject)
        for one in found.findings
        if one.finding.fact == "public.acl"
    }
    assert subjects == {("new", "aws_s3_bucket.b"), ("closed", "aws_s3_bucket.a")}


def test_a_renamed_pod_and_its_account(tmp_path):
    old = ACCOUNT.format(name="serve", digest="a" * 64)
    new = ACCOUNT.format(name="serve-next", digest="a" * 64)
    found = compare(tmp_path, {"p.yaml": old}, {"q.yaml": new})
    assert found.is_empty
    # With one more thing changed it is told as another one.
    other = ACCOUNT.format(name="serve-next", digest="b" * 64)
    found = compare(tmp_path / "2", {"p.yaml": old + HELD[:0]}, {"q.yaml": other})
    assert not found.lost


def test_two_alike_are_not_guessed(tmp_path):
    def pods(*names):
        texts = [ACCOUNT.format(name=n, digest="a" * 64) for n in names]
        return {"p.yaml": "---\n".join(texts)}

    found = compare(tmp_path, pods("a", "b"), pods("c", "d"))
    assert not found.is_empty
    assert not any(old.startswith("Pod/") for old, _ in found.moved)


@pytest.mark.parametrize("swap", [False, True])
def test_a_root_that_is_replaced_by_a_stranger(tmp_path, swap):
    """A root goes and another one comes, with the same label for another bucket."""
    old = {"one/main.tf": HELD, "two/main.tf": 'resource "null_resource" "x" {}\n'}
    new = {"three/main.tf": BUCKET.format(label="w", name="strangers-weights"),
           "two/main.tf": 'resource "null_resource" "x" {}\n'}  # fmt: skip
    if swap:
        old, new = new, old
    found = compare(tmp_path, old, new)
    assert states(found.stores, "state") == [("closed",), ("new",)]
