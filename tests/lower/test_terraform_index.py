"""The index over evaluated resources: references, computed texts, defaults by version."""

from __future__ import annotations

import pytest
from terraform_builder import inputs, known, provider, ref, resource, root, text, var

from mlsec_lint.lower.defaults import default_of, possible_majors
from mlsec_lint.lower.formulas import concatenation
from mlsec_lint.lower.terraform_index import base_address, index_of
from mlsec_lint.value import Symbol, Unknown, Value


def index(*resources):
    return index_of(inputs(root(*resources)))


def addresses(found):
    return [r.address for r in found]


INSTANCES = (
    resource('module.m["x"].aws_s3_bucket.w["a"]', bucket="one"),
    resource('module.m["x"].aws_s3_bucket.w["b"]', bucket="two"),
    resource("aws_s3_bucket.n[0]", bucket="three"),
    resource("aws_s3_bucket.n[1]", bucket="four"),
    resource("aws_s3_bucket.any[*]", bucket="five", repeat_unknown=True),
    resource("aws_s3_bucket.single", bucket="six"),
)


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        (
            Symbol('module.m["x"].aws_s3_bucket.w["a"]', ("id",)),
            ['module.m["x"].aws_s3_bucket.w["a"]'],
        ),
        (
            Symbol('module.m["x"].aws_s3_bucket.w', ("b", "id")),
            ['module.m["x"].aws_s3_bucket.w["b"]'],
        ),
        (
            Symbol("module.m.aws_s3_bucket.w", ("a",)),
            ['module.m["x"].aws_s3_bucket.w["a"]'],
        ),
        (
            Symbol('module.m["x"].aws_s3_bucket.w[*]', ("id",)),
            [
                'module.m["x"].aws_s3_bucket.w["a"]',
                'module.m["x"].aws_s3_bucket.w["b"]',
            ],
        ),
        (Symbol("aws_s3_bucket.n", (1, "id")), ["aws_s3_bucket.n[1]"]),
        (
            Symbol("aws_s3_bucket.n", (None, "id")),
            ["aws_s3_bucket.n[0]", "aws_s3_bucket.n[1]"],
        ),
        (Symbol('aws_s3_bucket.any["k"]', ("id",)), ["aws_s3_bucket.any[*]"]),
        (Symbol("aws_s3_bucket.single", ("id",)), ["aws_s3_bucket.single"]),
        (Symbol("aws_s3_bucket.none", ("id",)), []),
        (Symbol('module.m["y"].aws_s3_bucket.w["a"]', ("id",)), []),
    ],
)
def test_references_lead_to_instances(symbol, expected):
    here = index(*INSTANCES).roots[0]

    assert addresses(here.resolve_all(symbol)) == expected
    found = here.resolve(symbol)
    assert (found is None) == (len(expected) != 1)


def test_base_addresses():
    address = 'module.a["x.y[0]"].module.b[1].aws_s3_bucket.w["k"]'
    assert base_address(address) == "module.a.module.b.aws_s3_bucket.w"


US = provider("aws", region="us-east-1")
CN = provider("aws", region="cn-north-1")
GCP = provider("google", project="lab", region="europe-west4")


@pytest.mark.parametrize(
    ("made", "path", "expected"),
    [
        (resource("aws_s3_bucket.w", bucket="b", provider=US), "arn", "arn:aws:s3:::b"),
        (
            resource("aws_s3_bucket.w", bucket="b", provider=CN),
            "arn",
            "arn:aws-cn:s3:::b",
        ),
        (resource("aws_s3_bucket.w", bucket="b"), "arn", "arn:aws:s3:::b"),
        (
            resource("aws_s3_bucket.w", bucket="b", provider=US),
            "bucket_regional_domain_name",
            "b.s3.us-east-1.amazonaws.com",
        ),
        (resource("google_storage_bucket.w", name="b"), "url", "gs://b"),
        (
            resource("google_service_account.t", account_id="t", provider=GCP),
            "email",
            "t@lab.iam.gserviceaccount.com",
        ),
        (
            resource("google_service_account.t", account_id="t", provider=GCP),
            "member",
            "serviceAccount:t@lab.iam.gserviceaccount.com",
        ),
        (
            resource("azurerm_storage_account.a", name="acct"),
            "primary_blob_host",
            "acct.blob.core.windows.net",
        ),
        (
            resource("aws_sagemaker_model.m", name="LLM", provider=US),
            "arn",
            ("arn:aws:sagemaker:us-east-1:", ":model/llm"),
        ),
        (
            resource("aws_iam_role.r", name="r", path="/ml/"),
            "arn",
            ("arn:aws:iam::", ":role/ml/r"),
        ),
        (resource("aws_iam_role.r", name="r"), "arn", ("arn:aws:iam::", ":role/r")),
    ],
)
def test_computed_attributes(made, path, expected):
    here = index(made).roots[0]

    found = here.attribute(made, path)

    if isinstance(expected, str):
        assert found == expected
    else:
        known_parts = tuple(p for p in found.parts if isinstance(p, str))
        assert known_parts == expected
        assert any(isinstance(p, Unknown) for p in found.parts)


def test_an_account_that_the_provider_allows_is_known():
    lab = provider("aws", region="us-east-1", allowed_account_ids=["111122223333"])
    role = resource("aws_iam_role.r", name="r", provider=lab)

    assert index(role).roots[0].attribute(role, "arn") == (
        "arn:aws:iam::111122223333:role/r"
    )


def test_texts_are_put_together_through_references():
    bucket = resource("aws_s3_bucket.w", bucket="b")
    user = resource(
        "aws_x.u", uri=text("s3://", ref("aws_s3_bucket.w.id"), "/runs"), loose=var("x")
    )
    here = index(bucket, user).roots[0]

    assert here.text_of(user.values.get("uri")) == "s3://b/runs"
    assert here.text_of(user.values.get("loose")).name == "var.x"
    assert here.text_of(None) is None
    assert here.text_of(Value(None)) is None


def test_a_bucket_without_a_name_is_known_by_reference_only():
    bucket = resource("aws_s3_bucket.w", provider=US)
    policy = resource("aws_s3_bucket_policy.p", bucket=ref("aws_s3_bucket.w.id"))
    made = index(bucket, policy)
    here = made.roots[0]

    assert here.names(bucket) == ()
    found = made.satellites(here, bucket, "aws_s3_bucket_policy")
    assert addresses(found.found) == ["aws_s3_bucket_policy.p"]


def test_circles_of_references_end():
    one = resource("aws_s3_bucket.a", bucket=ref("aws_s3_bucket.b.bucket"))
    two = resource("aws_s3_bucket.b", bucket=ref("aws_s3_bucket.a.bucket"))
    here = index(one, two).roots[0]

    assert isinstance(here.attribute(one, "arn"), Unknown)
    assert here.names(one) == ()


def test_a_conditional_parent_is_open():
    bucket = resource("aws_s3_bucket.w", bucket="b")
    policy = resource("aws_s3_bucket_policy.p", bucket=var("b", "b", "c"))
    made = index(bucket, policy)

    found = made.satellites(made.roots[0], bucket, "aws_s3_bucket_policy")

    assert found.found == ()
    assert addresses(found.open) == ["aws_s3_bucket_policy.p"]


def test_known_values_keep_their_reference():
    bucket = resource("aws_s3_bucket.w", bucket="same")
    other = resource("aws_s3_bucket.o", bucket="same")
    policy = resource(
        "aws_s3_bucket_policy.p", bucket=known("same", "aws_s3_bucket.w.bucket")
    )
    made = index(bucket, other, policy)
    here = made.roots[0]

    found = made.satellites(here, bucket, "aws_s3_bucket_policy")
    assert addresses(found.found) == ["aws_s3_bucket_policy.p"]
    assert made.satellites(here, other, "aws_s3_bucket_policy").found == ()


def test_concatenation():
    hole = Unknown("variable", "x", "var.x")

    assert concatenation(["a", "b"]) == "ab"
    assert concatenation([]) == ""
    assert concatenation([hole]) is hole
    whole = concatenation(["a", concatenation(["b", hole]), "c", "d"])
    assert whole.parts == ("ab", hole, "cd")


@pytest.mark.parametrize(
    ("version", "locked", "majors"),
    [
        ("~> 3.0", "", (3,)),
        ("~> 4.1.2", "", (4,)),
        ("~> 4", "", (4, 5)),
        (">= 3.0, < 5.0", "", (3, 4)),
        (">= 3.0, < 5.1", "", (3, 4, 5)),
        ("= 4.2.0", "", (4,)),
        ("4.2.0", "", (4,)),
        ("< 3.0", "", (1, 2)),
        ("<= 3.9", "", (1, 2, 3)),
        (">= 9.0", "", (9,)),
        ("", "4.10.0", (4,)),
        ("~> 3.0", "4.10.0", (4,)),
        ("", "", (1, 2, 3, 4, 5)),
        ("nonsense", "", (1, 2, 3, 4, 5)),
    ],
)
def test_majors_of_version_constraints(version, locked, majors):
    assert (
        possible_majors(provider("azurerm", version=version, locked=locked)) == majors
    )


def test_a_default_that_changed_is_only_known_with_the_version():
    name = ("azurerm_storage_account", "allow_nested_items_to_be_public")

    old = default_of(*name, provider("azurerm", version="~> 4.0"))
    new = default_of(*name, provider("azurerm", locked="5.1.0"))
    any_ = default_of(*name, provider("azurerm"))

    assert (old.value, new.value) == ("true", "false")
    assert isinstance(any_.value, Unknown)
    assert "2026-11-23" in old.words
    with pytest.raises(KeyError):
        default_of("aws_s3_bucket", "no such attribute", provider("aws"))
