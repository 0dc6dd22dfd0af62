"""Policies that nobody would write: no crash, no hang, nothing certain made of nonsense."""

from __future__ import annotations

import json
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from mlsec_lint import scan
from mlsec_lint.lower.aws.grants.match import MAYBE, NO, YES, covers, equals, hole

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=6) | st.just("*"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
ELEMENTS = ["Effect", "Action", "NotAction", "Resource", "NotResource", "Principal"]
STATEMENT = st.dictionaries(st.sampled_from([*ELEMENTS, "Condition", "Sid"]), JSON)
POLICY = st.fixed_dictionaries({"Statement": st.lists(STATEMENT, max_size=3) | JSON})


def text_of(policy, trust):
    def quoted(value):
        return json.dumps(json.dumps(value)).replace("${", "$${").replace("%{", "%%{")

    return f"""
resource "aws_s3_bucket" "w" {{
  bucket = "lab-w"
  tags   = {{ "mlsec/holds" = "weights" }}
}}
resource "aws_s3_bucket_policy" "w" {{
  bucket = aws_s3_bucket.w.id
  policy = {quoted(policy)}
}}
resource "aws_iam_role" "r" {{
  name               = "r"
  assume_role_policy = {quoted(trust)}
  inline_policy {{
    name   = "i"
    policy = {quoted(policy)}
  }}
}}
"""


@settings(max_examples=60, deadline=None)
@given(POLICY, POLICY)
def test_policies_of_any_shape(tmp_path_factory, policy, trust):
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "main.tf").write_text(text_of(policy, trust), encoding="utf-8")

    estate = scan.survey(scan.read(str(folder)))

    for edge in estate.edges():
        assert edge.certain or edge.why


def test_long_patterns_take_no_long_time():
    started = time.perf_counter()
    for number in range(50):
        pattern = "*a" * 900 + str(number)
        covers(pattern, "arn:aws:s3:::" + "a" * 1500)
        covers("?" * 1500 + str(number), "b" * 1500)
        covers(pattern + hole("x"), "a" * 1500 + hole("y"))

    assert time.perf_counter() - started < 5


def test_what_is_too_long_is_not_decided():
    assert covers("a" * 3000, "b") is MAYBE
    assert covers("?" * 1000, "b" * 1000) is MAYBE


def test_holes():
    one, other = hole("var.a"), hole("var.b")

    assert covers(f"{one}/*", f"{one}/key") is YES
    assert covers(f"{one}/*", f"{other}/key") is MAYBE
    assert covers(f"x-{one}", f"y-{other}") is NO
    assert equals(one, one) is YES
    assert equals(one, "text") is MAYBE
    assert equals(hole("!a.arn"), hole("!b.arn")) is NO


ROLE = """
resource "aws_s3_bucket" "b{n}" {{
  bucket = "lab-{n}"
  tags   = {{ "mlsec/holds" = "weights" }}
}}
resource "aws_iam_role" "r{n}" {{
  name               = "r{n}"
  assume_role_policy = jsonencode({{ Statement = [{{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = "*" }} }}] }})
}}
resource "aws_iam_role_policy" "r{n}" {{
  role   = aws_iam_role.r{n}.name
  policy = jsonencode({{ Statement = [{{
    Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::lab-{n}/*" }}] }})
}}
"""


def test_many_identities_and_stores_are_not_compared_one_by_one(tmp_path):
    count = 300
    text = "".join(ROLE.format(n=number) for number in range(count))
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    reading = scan.read(str(tmp_path))
    started = time.perf_counter()

    estate = scan.survey(reading)

    reads = [edge for edge in estate.edges() if edge.verb == "may read"]
    assert len(reads) == count
    assert time.perf_counter() - started < 20
