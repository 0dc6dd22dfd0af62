"""Who is everyone in a policy, what closes it, and where the finding points."""

from __future__ import annotations

import json

import pytest
from clouds import estate_of, shown, told

from mlsec_lint.discovery import discover
from mlsec_lint.lower.aws.policy import read_policy
from mlsec_lint.lower.inputs import Inputs
from mlsec_lint.lower.terraform_index import index_of
from mlsec_lint.terraform import evaluate_roots
from mlsec_lint.value import Symbol

BUCKET = """
variable "x" {}
variable "fixed" {
  default = "o-abc123"
}
resource "aws_vpc_endpoint" "e" {
  vpc_id       = "vpc-1"
  service_name = "s3"
}
resource "aws_s3_bucket" "w" {
  bucket = "corp-w"
}
resource "aws_s3_bucket_policy" "w" {
  bucket = aws_s3_bucket.w.id
  policy = %s
}
"""
ADDRESS = "aws_s3_bucket.w"


def statement(principal='"*"', condition="", effect="Allow", action='"s3:GetObject"'):
    extra = f", Condition = {condition}" if condition else ""
    return (
        f'{{ Effect = "{effect}", Principal = {principal}, Action = {action}, '
        f'Resource = "*"{extra} }}'
    )


def encoded(*statements):
    return 'jsonencode({{ Version = "2012-10-17", Statement = [{}] }})'.format(
        ", ".join(statements)
    )


def condition(operator, key, value):
    return f'{{ {operator} = {{ "{key}" = {value} }} }}'


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (encoded(statement()), [True]),
        (encoded(statement('{ AWS = "*" }')), [True]),
        (encoded(statement('{ AWS = ["arn:aws:iam::1:root", "*"] }')), [True]),
        (encoded(statement('{ Service = "*" }')), [False]),
        (encoded(statement('{ AWS = "arn:aws:iam::111122223333:root" }')), [False]),
        (encoded(statement(effect="Deny")), [False]),
        (encoded(statement("{ AWS = var.x }")), ["unknown"]),
        (encoded(statement('{ AWS = "arn:aws:iam::${var.x}:root" }')), [False]),
        (encoded(statement(effect="${var.x}")), ["unknown"]),
        ("var.x", ["unknown"]),
        ('"no json"', ["unknown"]),
        ("jsonencode({})", [False]),
        ("jsonencode({ Statement = [] })", [False]),
        (encoded(statement(), statement(effect="Deny")), [True]),
        (encoded(statement(), statement('{ AWS = "*" }')), [True, True]),
    ],
)
def test_everyone(tmp_path, policy, expected):
    estate = estate_of(tmp_path, BUCKET % policy)

    assert told(estate, ADDRESS, "public.principal") == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (condition("StringEquals", "aws:PrincipalOrgID", '"o-1"'), [False]),
        (condition("StringEquals", "aws:PrincipalOrgID", "var.fixed"), [False]),
        (condition("StringEquals", "aws:PrincipalOrgID", "var.x"), ["unknown"]),
        (condition("StringEquals", "aws:SourceVpce", "aws_vpc_endpoint.e.id"), [False]),
        (condition("StringLike", "aws:PrincipalOrgID", '"*"'), [True]),
        (condition("StringEqualsIfExists", "aws:PrincipalOrgID", '"o-1"'), [True]),
        (condition("StringNotEquals", "aws:PrincipalOrgID", '"o-1"'), [True]),
        (
            condition('"ForAllValues:StringEquals"', "aws:PrincipalOrgID", '"o-1"'),
            [True],
        ),
        (
            condition('"ForAnyValue:StringLike"', "aws:PrincipalOrgPaths", '["o-1/*"]'),
            [False],
        ),
        (condition("IpAddress", "aws:SourceIp", '["10.0.0.0/8"]'), [False]),
        (
            condition("IpAddress", "aws:SourceIp", '["203.0.113.0/24", "0.0.0.0/0"]'),
            [True],
        ),
        (condition("ArnLike", "aws:SourceArn", '"arn:aws:s3:::corp-*"'), [True]),
        (
            condition(
                "ArnLike", "aws:SourceArn", '"arn:aws:sns:us-east-1:111122223333:*"'
            ),
            [False],
        ),
        (condition("ArnLike", "aws:PrincipalArn", '"arn:aws:iam::*:role/x"'), [True]),
        (condition("Bool", "aws:SecureTransport", '"true"'), [True]),
        (
            condition("StringEquals", "s3:x-amz-acl", '"bucket-owner-full-control"'),
            [True],
        ),
        (condition("StringEquals", "aws:Referer", '"secret"'), [True]),
    ],
)
def test_conditions_that_close_and_those_that_do_not(tmp_path, given, expected):
    policy = encoded(statement(condition=given))

    estate = estate_of(tmp_path, BUCKET % policy)

    assert told(estate, ADDRESS, "public.principal") == expected


def test_a_deny_to_strangers_closes_an_allow_to_everyone(tmp_path):
    away = condition("StringNotEquals", "aws:PrincipalOrgID", '"o-1"')
    deny = statement(condition=away, effect="Deny", action='"s3:*"')
    only_reads = statement(condition=away, effect="Deny", action='"s3:PutObject"')

    closed = estate_of(tmp_path / "a", BUCKET % encoded(statement(), deny))
    still = estate_of(tmp_path / "b", BUCKET % encoded(statement(), only_reads))

    assert told(closed, ADDRESS, "public.principal") == [False]
    assert told(still, ADDRESS, "public.principal") == [True]


def test_not_principal_with_allow_is_nearly_everyone(tmp_path):
    text = encoded(statement()).replace("Principal =", "NotPrincipal =")

    assert told(estate_of(tmp_path, BUCKET % text), ADDRESS, "public.principal") == [
        True
    ]


def test_a_heredoc_with_an_unknown_inside_is_still_read(tmp_path):
    document = json.dumps(
        {
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "s3:GetObject",
                    "Resource": "arn:aws:s3:::${var.x}/*",
                }
            ]
        },
        indent=2,
    )

    estate = estate_of(tmp_path, BUCKET % f"<<EOT\n{document}\nEOT\n")

    assert told(estate, ADDRESS, "public.principal") == [True]


DATA = """
data "aws_iam_policy_document" "other" {
  statement {
    sid     = "Open"
    actions = ["s3:GetObject"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
data "aws_iam_policy_document" "w" {
  source_policy_documents = [data.aws_iam_policy_document.other.json]
  statement {
    actions = ["s3:ListBucket"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceVpce"
      values   = ["vpce-1"]
    }
  }
%s}
"""


def test_policy_document_data_sources(tmp_path):
    estate = estate_of(
        tmp_path, BUCKET % "data.aws_iam_policy_document.w.json" + DATA % ""
    )

    assert told(estate, ADDRESS, "public.principal") == [True]
    assert shown(estate, ADDRESS, "public.principal") == ['identifiers = ["*"]']


def test_an_override_replaces_a_statement_of_the_same_sid(tmp_path):
    override = (
        "  override_policy_documents = [jsonencode({ Statement = [{\n"
        '    Sid = "Open", Effect = "Deny", Principal = "*", Action = "*"\n'
        "  }] })]\n"
    )

    estate = estate_of(
        tmp_path, BUCKET % "data.aws_iam_policy_document.w.json" + DATA % override
    )

    assert told(estate, ADDRESS, "public.principal") == [False]


def test_the_finding_points_at_the_statement(tmp_path):
    policy = encoded(statement('{ AWS = "arn:aws:iam::1:root" }'), statement())

    estate = estate_of(tmp_path, BUCKET % policy)

    assert shown(estate, ADDRESS, "public.principal") == ['Principal = "*"']


def test_roles_and_keys_that_everyone_may_use(tmp_path):
    open_trust = encoded(statement('{ AWS = "*" }', action='"sts:AssumeRole"'))
    external = encoded(
        statement('{ AWS = "*" }', condition("StringEquals", "sts:ExternalId", '"1"'))
    )
    service = encoded(statement('{ Service = "ec2.amazonaws.com" }'))
    text = f"""
    resource "aws_iam_role" "open" {{
      name               = "open"
      assume_role_policy = {open_trust}
    }}
    resource "aws_iam_role" "external" {{
      assume_role_policy = {external}
    }}
    resource "aws_iam_role" "shut" {{
      assume_role_policy = {service}
    }}
    resource "aws_kms_key" "k" {{
    }}
    resource "aws_kms_key_policy" "k" {{
      key_id = aws_kms_key.k.id
      policy = {open_trust}
    }}
    """

    estate = estate_of(tmp_path, text)

    for name, expected in (("open", True), ("external", True), ("shut", False)):
        address = f"aws_iam_role.{name}"
        assert told(estate, address, "public.principal", "identity") == [expected]
    assert told(estate, "aws_kms_key.k", "public.principal", "key") == [True]
    assert estate.named("role/open", "identity")


TRUST = """
data "aws_caller_identity" "me" {}
resource "aws_iam_openid_connect_provider" "o" {
  url = "https://oidc.example.com"
}
resource "aws_iam_role" "one" {
  name = "one"
}
resource "aws_iam_role" "w" {
  assume_role_policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"AWS": "${aws_iam_role.one.arn}"},
      "Action": "sts:AssumeRole",
      "Resource": ["arn:aws:s3:::${var.a}/*", "${aws_s3_bucket.b.arn}/x/${var.c}"]
    },
    {
      "Effect": "Allow",
      "Principal": {"Federated": "${aws_iam_openid_connect_provider.o.arn}"},
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Condition": {"StringEquals": {"${var.a}:aud": "sts.amazonaws.com"}}
    },
  ]
}
POLICY
}
resource "aws_s3_bucket" "b" {}
variable "a" {}
variable "c" {}
"""


def trust_policy(folder, text, name="w"):
    (folder / "main.tf").write_text(text, encoding="utf-8")
    tree = discover(str(folder))
    here = index_of(Inputs(tree, evaluate_roots(tree))).roots[0]
    role = next(r for r in here.of("aws_iam_role") if r.name == name)
    return read_policy(here, role.values.get("assume_role_policy"), role.span)


def test_each_interpolation_keeps_its_own_reference_and_line(tmp_path):
    policy = trust_policy(tmp_path, TRUST)

    first, second = policy.statements
    ((_, principal),) = first.principals
    assert principal.unknown.symbol == Symbol("aws_iam_role.one", ("arn",))
    one, two = (value.unknown.parts for value in first.resources)
    assert [getattr(p, "name", p) for p in one] == ["arn:aws:s3:::", "var.a", "/*"]
    assert two[0].symbol.address == "aws_s3_bucket.b"
    assert [getattr(p, "name", p) for p in two[1:]] == ["/x/", "var.c"]
    ((_, provider),) = second.principals
    assert provider.unknown.symbol.address == "aws_iam_openid_connect_provider.o"
    assert (
        first.span.resolved().text == '"Principal": {"AWS": "${aws_iam_role.one.arn}"}'
    )
    assert (second.span.line - first.span.line) == 6


def test_a_condition_on_a_key_that_is_not_known_is_not_lost(tmp_path):
    (condition,) = trust_policy(tmp_path, TRUST).statements[1].conditions

    assert (condition.operator, condition.key) == ("StringEquals", "")
    assert condition.values[0].unknown.name == "var.a"


def test_what_is_encoded_into_a_text_policy_keeps_its_structure(tmp_path):
    text = TRUST.replace('"${aws_iam_role.one.arn}"', '${jsonencode([var.a, "*"])}')

    (_, other), (_, star) = trust_policy(tmp_path, text).statements[0].principals

    assert other.unknown.name == "var.a"
    assert star.data == "*"


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ("{ Federated = aws_iam_openid_connect_provider.o.arn }", [False]),
        ("{ Federated = var.x }", [False]),
        ("{ Service = var.x }", [False]),
        ("{ AWS = data.aws_iam_role.other.arn }", [False]),
        ('{ AWS = var.x == "a" ? aws_iam_role.r.arn : "111122223333" }', [False]),
        ('{ AWS = var.x == "a" ? aws_iam_role.r.arn : var.y }', ["unknown"]),
        ('{ AWS = var.x == "a" ? aws_iam_role.r.arn : "*" }', ["unknown"]),
        ("{ AWS = data.terraform_remote_state.s.outputs.arn }", ["unknown"]),
        ('{ AWS = split(",", "${aws_iam_role.r.arn},*") }', ["unknown"]),
    ],
)
def test_a_reference_to_a_resource_is_somebody(tmp_path, principal, expected):
    text = (
        BUCKET % encoded(statement(principal))
        + """
    variable "y" {}
    resource "aws_iam_openid_connect_provider" "o" {}
    resource "aws_iam_role" "r" {}
    data "aws_iam_role" "other" {}
    data "terraform_remote_state" "s" {}
    """
    )

    estate = estate_of(tmp_path, text)

    assert told(estate, ADDRESS, "public.principal") == expected
