"""Edges between AWS identities and weight stores, and what leads to those identities."""

from __future__ import annotations

from textwrap import dedent

import pytest

from mlsec_lint import scan
from mlsec_lint.value import Unknown

STORE = """
data "aws_caller_identity" "me" {}

resource "aws_s3_bucket" "w" {
  bucket = "lab-w"
  tags   = { "mlsec/holds" = "weights" }
}
"""
TRUST = """jsonencode({ Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })"""


def role(name="r", trust=TRUST, more=""):
    return f"""
resource "aws_iam_role" "{name}" {{
  name               = "{name}"
  assume_role_policy = {trust}
  {more}
}}
"""


def policy(name, *statements, kind="role"):
    listed = ",\n".join(statements)
    return f"""
resource "aws_iam_{kind}_policy" "{name}" {{
  {kind}   = aws_iam_{kind}.{name}.name
  policy = jsonencode({{ Statement = [{listed}] }})
}}
"""


def says(
    effect="Allow", action='"s3:GetObject"', resource='"arn:aws:s3:::lab-w/*"', **more
):
    extra = "".join(f", {name} = {value}" for name, value in more.items())
    return f'{{ Effect = "{effect}", Action = {action}, Resource = {resource}{extra} }}'


def trusting(principal, action='"sts:AssumeRole"', condition=""):
    extra = f", Condition = {condition}" if condition else ""
    return (
        'jsonencode({ Statement = [{ Effect = "Allow", '
        f"Action = {action}, Principal = {principal}{extra} }}] }})"
    )


READS = says()


def estate_of(folder, *texts):
    for number, text in enumerate(texts):
        named = text if isinstance(text, tuple) else (f"f{number}.tf", text)
        place = folder / named[0]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(dedent(named[1]), encoding="utf-8")
    return scan.survey(scan.read(str(folder)))


def edges(estate, verb, certain=None):
    return {
        (edge.source.address, edge.target.address)
        for edge in estate.edges()
        if edge.verb == verb and certain in (None, edge.certain)
    }


def lines(estate, verb):
    return {edge.span.resolved().text for edge in estate.edges() if edge.verb == verb}


def facts(estate, address, name):
    found = estate.find("identity", address)
    assert found is not None
    return [
        "unknown" if isinstance(f.value, Unknown) else f.value
        for f in found.all_facts(name)
    ]


WEIGHTS = "aws_s3_bucket.w"
R = "aws_iam_role.r"


@pytest.mark.parametrize(
    ("statement", "verb"),
    [
        (READS, "may read"),
        (says(action='"s3:PutObject"'), "may write"),
        (says(action='"s3:PutBucketPolicy"', resource='"arn:aws:s3:::lab-w"'), "may open"),
        (says(action='"s3:PutObjectAcl"'), "may open"),
        (says(action='"s3:Get*"'), "may read"),
        (says(action='["s3:ListBucket", "s3:GetObjectVersion"]'), "may read"),
        (says(resource="aws_s3_bucket.w.arn").replace("w.arn", "w.arn").replace(
            "Resource = aws_s3_bucket.w.arn", 'Resource = "${aws_s3_bucket.w.arn}/*"'), "may read"),
    ],
)  # fmt: skip
def test_a_statement_of_a_role_is_an_edge(tmp_path, statement, verb):
    estate = estate_of(tmp_path, STORE + role() + policy("r", statement))

    assert edges(estate, verb) == {(R, WEIGHTS)}


def test_the_edge_stands_at_the_action(tmp_path):
    statement = '{\nEffect = "Allow"\nAction = [\n"s3:ListBucket",\n"s3:GetObject",\n]\nResource = "*"\n}'
    estate = estate_of(tmp_path, STORE + role() + policy("r", statement))

    assert lines(estate, "may read") == {'"s3:GetObject"'}


@pytest.mark.parametrize(
    "statement",
    [
        says(action='"s3:ListBucket"'),
        says(resource='"arn:aws:s3:::other/*"'),
        says(resource="aws_s3_bucket.w.arn"),
        says(action='"ec2:*"', resource='"*"'),
        says(effect="Deny"),
        '{ Effect = "Allow", NotAction = "s3:*", Resource = "*" }',
    ],
)
def test_what_says_nothing_about_the_objects_is_none(tmp_path, statement):
    estate = estate_of(tmp_path, STORE + role() + policy("r", statement))

    assert edges(estate, "may read") == set()


@pytest.mark.parametrize(
    "declared",
    [
        (
            'resource "aws_iam_policy" "p" {\n name = "p"\n policy = jsonencode({ Statement = [%s] })\n}\n'
            'resource "aws_iam_role_policy_attachment" "a" {\n role = aws_iam_role.r.name\n'
            " policy_arn = aws_iam_policy.p.arn\n}"
        ),
        (
            'resource "aws_iam_policy" "p" {\n name = "p"\n policy = jsonencode({ Statement = [%s] })\n}\n'
            'resource "aws_iam_policy_attachment" "a" {\n name = "a"\n roles = [aws_iam_role.r.name]\n'
            " policy_arn = aws_iam_policy.p.arn\n}"
        ),
        'resource "aws_iam_role_policy" "p" {\n role = "r"\n policy = jsonencode({ Statement = [%s] })\n}',
    ],
    ids=["attachment", "shared attachment", "by name"],
)
def test_policies_reach_roles_by_every_way(tmp_path, declared):
    estate = estate_of(tmp_path, STORE + role() + declared % READS)

    assert edges(estate, "may read", certain=True) == {(R, WEIGHTS)}


def test_inline_and_listed_policies_of_the_role_itself(tmp_path):
    inline = f'inline_policy {{\n name = "i"\n policy = jsonencode({{ Statement = [{READS}] }})\n}}'
    listed = 'managed_policy_arns = ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]'
    estate = estate_of(
        tmp_path, STORE + role("a", more=inline) + role("b", more=listed)
    )

    assert edges(estate, "may read", certain=True) == {
        ("aws_iam_role.a", WEIGHTS),
        ("aws_iam_role.b", WEIGHTS),
    }


def attached(arn, role_name="r"):
    return (
        f'\nresource "aws_iam_role_policy_attachment" "{role_name}" {{\n'
        f"  role       = aws_iam_role.{role_name}.name\n  policy_arn = {arn}\n}}\n"
    )


def test_a_managed_policy_stands_at_its_attachment(tmp_path):
    arn = '"arn:aws:iam::aws:policy/AmazonS3FullAccess"'
    estate = estate_of(tmp_path, STORE + role() + attached(arn))

    assert lines(estate, "may read") == {f"policy_arn = {arn}"}
    assert edges(estate, "may write", certain=True) == {
        (R, WEIGHTS),
        (R, "any-store:aws"),
    }


def test_a_managed_policy_without_a_watched_action_gives_nothing(tmp_path):
    arn = '"arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"'

    assert (
        edges(estate_of(tmp_path, STORE + role() + attached(arn)), "may read") == set()
    )


@pytest.mark.parametrize(
    "arn",
    [
        '"arn:aws:iam::aws:policy/MadeUpTomorrow"',
        "var.arn",
        '"arn:aws:iam::aws:policy/${var.arn}"',
        '"arn:aws:iam::111122223333:policy/elsewhere"',
    ],
)
def test_a_policy_that_nobody_knows_is_a_doubt_and_never_empty(tmp_path, arn):
    estate = estate_of(tmp_path, 'variable "arn" {}' + STORE + role() + attached(arn))

    assert edges(estate, "may read", certain=False) == {(R, WEIGHTS)}
    assert edges(estate, "may read", certain=True) == set()


def test_a_policy_from_another_root_by_name(tmp_path):
    shared = (
        'resource "aws_iam_policy" "p" {\n name = "reads"\n'
        f" policy = jsonencode({{ Statement = [{READS}] }})\n}}"
    )
    main = STORE + role() + attached('"arn:aws:iam::111122223333:policy/reads"')
    estate = estate_of(tmp_path, ("a/main.tf", main), ("b/main.tf", shared))

    assert edges(estate, "may read", certain=True) == {(f"a:{R}", f"a:{WEIGHTS}")}


def test_users_groups_and_members(tmp_path):
    text = (
        STORE
        + policy("ops", READS, kind="group")
        + """
resource "aws_iam_group" "ops" {
  name = "ops"
}
resource "aws_iam_user" "ada" {
  name = "ada"
}
resource "aws_iam_user_group_membership" "ada" {
  user   = aws_iam_user.ada.name
  groups = [aws_iam_group.ops.name]
}
"""
    )
    estate = estate_of(tmp_path, text)

    assert edges(estate, "may read") == {("aws_iam_group.ops", WEIGHTS)}
    assert edges(estate, "counts as") == {("aws_iam_user.ada", "aws_iam_group.ops")}
    assert facts(estate, "aws_iam_user.ada", "person") == [True]


def test_permission_sets_are_people(tmp_path):
    text = (
        STORE
        + """
resource "aws_ssoadmin_permission_set" "admin" {
  name         = "admin"
  instance_arn = "arn:aws:sso:::instance/i"
}
resource "aws_ssoadmin_managed_policy_attachment" "admin" {
  instance_arn       = "arn:aws:sso:::instance/i"
  permission_set_arn = aws_ssoadmin_permission_set.admin.arn
  managed_policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"""
    )
    estate = estate_of(tmp_path, text)

    assert edges(estate, "may read") == {("aws_ssoadmin_permission_set.admin", WEIGHTS)}
    assert facts(estate, "aws_ssoadmin_permission_set.admin", "person") == [True]


IAM_MODULES = "terraform-aws-modules/iam/aws//modules"


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        (
            "iam-role-for-service-accounts-eks",
            'role_policy_arns = { s3 = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" }',
        ),
        (
            "iam-role-for-service-accounts-eks",
            (
                "attach_mountpoint_s3_csi_policy = true\n"
                'mountpoint_s3_csi_path_arns = ["${aws_s3_bucket.w.arn}/*"]'
            ),
        ),
        (
            "iam-assumable-role",
            "create_role = true\nattach_readonly_policy = true",
        ),
        (
            "iam-assumable-role-with-oidc",
            (
                "create_role = true\n"
                'role_policy_arns = ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]'
            ),
        ),
        (
            "iam-role",
            'policies = { s3 = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" }',
        ),
    ],
)
def test_policies_that_public_modules_attach(tmp_path, module, arguments):
    call = f"""
module "m" {{
  source    = "{IAM_MODULES}/{module}"
  role_name = "m"
  {arguments}
}}
"""
    estate = estate_of(tmp_path, STORE + call)

    assert edges(estate, "may read", certain=True) == {
        ("module.m.aws_iam_role.this[0]", WEIGHTS)
    }


# -- complaints: what reduces a wildcard -------------------------------------------

ADMIN = attached('"arn:aws:iam::aws:policy/AdministratorAccess"')


def test_complaint_a_deny_reduces(tmp_path):
    text = STORE + role() + ADMIN + policy("r", says("Deny", '"s3:*"', '"*"'))

    assert edges(estate_of(tmp_path, text), "may read") == set()


def test_complaint_a_deny_that_is_not_understood_does_not(tmp_path):
    hidden = 'variable "d" {}'
    text = STORE + role() + ADMIN + policy("r", says("Deny", '"s3:*"', "var.d"))

    assert edges(estate_of(tmp_path, hidden + text), "may read", certain=False) == {
        (R, WEIGHTS)
    }


def test_complaint_a_boundary_reduces(tmp_path):
    boundary = (
        'resource "aws_iam_policy" "b" {\n name = "b"\n'
        f" policy = jsonencode({{ Statement = [{says(action=chr(34) + 'ec2:*' + chr(34))}] }})\n}}"
    )
    text = (
        STORE
        + boundary
        + role(more="permissions_boundary = aws_iam_policy.b.arn")
        + ADMIN
    )

    assert edges(estate_of(tmp_path, text), "may read") == set()


ORGANISATION = """
resource "aws_organizations_organization" "o" {}

resource "aws_organizations_policy" "scp" {
  name    = "no-s3"
  type    = "SERVICE_CONTROL_POLICY"
  content = jsonencode({ Statement = [{ Effect = "Deny", Action = "s3:*", Resource = "*" }] })
}

resource "aws_organizations_policy_attachment" "scp" {
  policy_id = aws_organizations_policy.scp.id
  target_id = aws_organizations_organization.o.roots[0].id
}
"""


def test_complaint_an_organisations_policy_reduces(tmp_path):
    estate = estate_of(
        tmp_path, ("org/main.tf", ORGANISATION), ("ml/main.tf", STORE + role() + ADMIN)
    )

    assert edges(estate, "may read") == set()


def test_an_organisations_policy_does_not_limit_the_account_that_manages_it(tmp_path):
    estate = estate_of(tmp_path, STORE + role() + ADMIN + ORGANISATION)

    assert edges(estate, "may read") == {(R, WEIGHTS)}


def test_complaint_not_action_is_expanded(tmp_path):
    wide = '{ Effect = "Allow", NotAction = ["iam:*"], Resource = "*" }'
    narrow = '{ Effect = "Allow", NotAction = ["s3:*"], Resource = "*" }'
    text = STORE + role("a") + policy("a", wide) + role("b") + policy("b", narrow)

    assert edges(estate_of(tmp_path, text), "may read") == {("aws_iam_role.a", WEIGHTS)}


def test_complaint_not_resource_is_expanded(tmp_path):
    wide = '{ Effect = "Allow", Action = "s3:*", NotResource = "arn:aws:s3:::pay/*" }'
    narrow = (
        '{ Effect = "Allow", Action = "s3:*", NotResource = "arn:aws:s3:::lab-w*" }'
    )
    text = STORE + role("a") + policy("a", wide) + role("b") + policy("b", narrow)

    assert edges(estate_of(tmp_path, text), "may read") == {("aws_iam_role.a", WEIGHTS)}


def test_complaint_the_root_of_the_own_account_in_a_store_policy_is_silent(tmp_path):
    estate = estate_of(
        tmp_path,
        STORE
        + bucket_policy(
            '{ AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }'
        ),
    )

    assert edges(estate, "may read") == set()


# -- stores' own policies ----------------------------------------------------------


def bucket_policy(principal, condition="", effect="Allow", action='"s3:GetObject"'):
    extra = f", Condition = {condition}" if condition else ""
    return f"""
resource "aws_s3_bucket_policy" "w" {{
  bucket = aws_s3_bucket.w.id
  policy = jsonencode({{ Statement = [{{
    Effect = "{effect}", Action = {action}, Resource = "arn:aws:s3:::lab-w/*",
    Principal = {principal}{extra} }}] }})
}}
"""


@pytest.mark.parametrize(
    ("principal", "address", "certain"),
    [
        ('{ AWS = "arn:aws:iam::444455556666:root" }', "account:444455556666", True),
        ('{ AWS = "444455556666" }', "account:444455556666", True),
        ('{ AWS = "arn:aws:iam::444455556666:role/x" }', "account:444455556666", True),
        (
            '{ Service = "cloudtrail.amazonaws.com" }',
            "service:cloudtrail.amazonaws.com",
            True,
        ),
        ("{ AWS = aws_iam_role.r.arn }", R, True),
        ("{ AWS = var.who }", "unknown(var.who)", False),
        ('{ AWS = "arn:aws:iam::${var.who}:root" }', "account:unknown(var.who)", False),
        ('"*"', "everyone", True),
    ],
)
def test_whom_a_store_policy_names(tmp_path, principal, address, certain):
    text = 'variable "who" {}' + STORE + role() + bucket_policy(principal)
    estate = estate_of(tmp_path, text)

    assert edges(estate, "may read", certain=certain) == {(address, WEIGHTS)}
    assert edges(estate, "may read", certain=not certain) == set()


def test_a_store_policy_stops_the_outsiders_that_it_names(tmp_path):
    allow = says(Principal='{ AWS = "444455556666" }')
    deny = says("Deny", Principal='"*"')
    text = f"""
resource "aws_s3_bucket_policy" "w" {{
  bucket = aws_s3_bucket.w.id
  policy = jsonencode({{ Statement = [{allow}, {deny}] }})
}}
"""

    assert edges(estate_of(tmp_path, STORE + text), "may read") == set()


def test_a_wildcard_over_a_store_of_another_root_is_a_doubt(tmp_path):
    wide = role() + policy("r", says(resource='"*"'))
    narrow = role("n") + policy("n", READS)
    estate = estate_of(
        tmp_path, ("data/main.tf", STORE), ("jobs/main.tf", wide + narrow)
    )

    assert edges(estate, "may read", certain=False) == {
        ("jobs:aws_iam_role.r", "data:aws_s3_bucket.w")
    }
    assert edges(estate, "may read", certain=True) == {
        ("jobs:aws_iam_role.n", "data:aws_s3_bucket.w")
    }


def test_everyone_of_the_organisation_is_no_stranger(tmp_path):
    condition = '{ StringEquals = { "aws:PrincipalOrgID" = "o-lab" } }'
    estate = estate_of(tmp_path, STORE + bucket_policy('"*"', condition))

    assert edges(estate, "may read") == set()


def test_a_store_policy_denies(tmp_path):
    text = STORE + role() + policy("r", READS) + bucket_policy('"*"', effect="Deny")

    assert edges(estate_of(tmp_path, text), "may read") == set()


def test_a_deny_of_all_but_an_endpoint_leaves_the_readers(tmp_path):
    condition = '{ StringNotEquals = { "aws:SourceVpce" = "vpce-1" } }'
    text = STORE + role() + policy("r", READS) + bucket_policy('"*"', condition, "Deny")

    assert edges(estate_of(tmp_path, text), "may read", certain=True) == {(R, WEIGHTS)}


def test_a_deny_of_all_but_one_role_leaves_that_role(tmp_path):
    condition = '{ ArnNotEquals = { "aws:PrincipalArn" = aws_iam_role.a.arn } }'
    text = STORE + role("a") + policy("a", READS) + role("b") + policy("b", READS)
    text += bucket_policy('"*"', condition, "Deny")

    assert edges(estate_of(tmp_path, text), "may read") == {("aws_iam_role.a", WEIGHTS)}


def test_other_stores(tmp_path):
    text = (
        role()
        + """
resource "aws_ecr_repository" "m" {
  name = "models"
  tags = { "mlsec/holds" = "weights" }
}
"""
        + policy(
            "r", says(action='"ecr:BatchGetImage"', resource="aws_ecr_repository.m.arn")
        )
    )
    estate = estate_of(tmp_path, text)

    assert edges(estate, "may read") == {(R, "aws_ecr_repository.m")}


def test_two_buckets_whose_names_come_later_are_two(tmp_path):
    text = (
        role()
        + """
resource "aws_s3_bucket" "a" {
  tags = { "mlsec/holds" = "weights" }
}
resource "aws_s3_bucket" "b" {
  tags = { "mlsec/holds" = "weights" }
}
"""
        + policy("r", says(resource='"${aws_s3_bucket.a.arn}/*"'))
    )

    assert edges(estate_of(tmp_path, text), "may read") == {(R, "aws_s3_bucket.a")}


# -- who may become them -----------------------------------------------------------


def becomes(tmp_path, trust, more=""):
    text = STORE + role(trust=trust) + policy("r", READS) + more
    return estate_of(tmp_path, 'variable "who" {}' + text)


@pytest.mark.parametrize(
    ("principal", "address"),
    [
        ('{ AWS = "arn:aws:iam::444455556666:root" }', "account:444455556666"),
        ('{ AWS = "arn:aws:iam::444455556666:role/x" }', "account:444455556666"),
        ("{ AWS = aws_iam_user.ada.arn }", "aws_iam_user.ada"),
        ('{ AWS = "*" }', "everyone"),
        ("{ AWS = var.who }", "unknown(var.who)"),
    ],
)
def test_whom_a_trust_names(tmp_path, principal, address):
    user = '\nresource "aws_iam_user" "ada" {\n  name = "ada"\n}\n'
    estate = becomes(tmp_path, trusting(principal), user)

    assert edges(estate, "becomes") == {(address, R)}


def test_services_are_no_readers(tmp_path):
    assert edges(becomes(tmp_path, TRUST), "becomes") == set()


ROOT = '{ AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }'


def test_the_own_account_leaves_it_to_iam(tmp_path):
    other = role("dev") + policy(
        "dev", says(action='"sts:AssumeRole"', resource=f"{R}.arn")
    )
    estate = becomes(tmp_path, trusting(ROOT), other + role("idle"))

    assert edges(estate, "becomes") == {("aws_iam_role.dev", R)}


def test_a_chain_of_roles(tmp_path):
    first = role("b", trusting('{ AWS = "444455556666" }'))
    estate = becomes(tmp_path, trusting("{ AWS = aws_iam_role.b.arn }"), first)

    assert edges(estate, "becomes") == {
        ("aws_iam_role.b", R),
        ("account:444455556666", "aws_iam_role.b"),
    }


def test_who_may_rewrite_the_trust_may_take_the_role(tmp_path):
    other = role("ops") + policy(
        "ops", says(action='"iam:UpdateAssumeRolePolicy"', resource='"*"')
    )

    assert edges(becomes(tmp_path, TRUST, other), "becomes") == {
        ("aws_iam_role.ops", R)
    }


FORGE = """
resource "aws_iam_openid_connect_provider" "f" {
  url            = "https://%s"
  client_id_list = ["sts.amazonaws.com"]
}
"""
WEB = '"sts:AssumeRoleWithWebIdentity"'


@pytest.mark.parametrize(
    ("host", "principal"),
    [
        (
            "token.actions.githubusercontent.com",
            "aws_iam_openid_connect_provider.f.arn",
        ),
        (
            "gitlab.com",
            '"arn:aws:iam::${data.aws_caller_identity.me.account_id}:oidc-provider/gitlab.com"',
        ),
        (
            "app.terraform.io",
            '"arn:aws:iam::111122223333:oidc-provider/app.terraform.io"',
        ),
    ],
)
def test_ci_systems(tmp_path, host, principal):
    condition = f'{{ StringEquals = {{ "{host}:sub" = "x:y" }} }}'
    trust = trusting(f"{{ Federated = {principal} }}", WEB, condition)
    estate = becomes(tmp_path, trust, FORGE % host)

    assert edges(estate, "becomes", certain=True) == {(f"ci:{host}", R)}
    assert facts(estate, R, "trust.ci.scope") == ["subject"]
    assert facts(estate, f"ci:{host}", "issuer") == [host]


def test_service_accounts_of_a_cluster(tmp_path):
    condition = (
        '{ StringEquals = { "${var.who}:sub" = "system:serviceaccount:train:t" } }'
    )
    trust = trusting("{ Federated = var.who }", WEB, condition)
    account = (
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: %s, namespace: train}\n"
    )
    text = 'variable "who" {}' + STORE + role(trust=trust) + policy("r", READS)
    estate = estate_of(
        tmp_path, text, ("t.yaml", account % "t"), ("u.yaml", account % "u")
    )

    assert edges(estate, "becomes", certain=True) == {("ServiceAccount/train/t", R)}


def test_people_who_sign_in_by_saml(tmp_path):
    principal = '{ Federated = "arn:aws:iam::111122223333:saml-provider/corp" }'
    estate = becomes(tmp_path, trusting(principal, '"sts:AssumeRoleWithSAML"'))

    assert edges(estate, "becomes") == {("sign-in:corp", R)}
    assert facts(estate, "sign-in:corp", "person") == [True]


def test_who_may_start_work_as_it_and_who_stands_behind(tmp_path):
    more = role("ci", trusting('{ AWS = "444455556666" }')) + policy(
        "ci",
        says(action='"iam:PassRole"', resource=f"{R}.arn"),
        says(action='"ec2:RunInstances"', resource='"*"'),
    )
    estate = becomes(tmp_path, TRUST, more)

    assert edges(estate, "may launch as", certain=True) == {("aws_iam_role.ci", R)}
    assert edges(estate, "becomes") == {("account:444455556666", "aws_iam_role.ci")}


def test_nothing_is_said_where_no_store_holds_weights(tmp_path):
    plain = STORE.replace('"weights"', '"logs"')
    estate = estate_of(tmp_path, plain + role() + ADMIN)

    assert edges(estate, "may read") == set()
    assert facts(estate, R, "sort") == []


# -- what must always hold ---------------------------------------------------------

HIDEABLE = [
    ('"s3:GetObject"', "var.who"),
    ('"arn:aws:s3:::lab-w/*"', "var.who"),
    ('bucket = "lab-w"', "bucket = var.who"),
    ('"o-lab"', "var.who"),
    ("Allow", "${var.who}"),
    ("aws_iam_role.r.name", "var.who"),
]


@pytest.mark.parametrize(("known", "hidden"), HIDEABLE)
def test_a_hidden_value_never_takes_an_edge_away(tmp_path, known, hidden):
    condition = '{ StringEquals = { "aws:PrincipalOrgID" = "o-lab" } }'
    text = 'variable "who" {}' + STORE + role() + policy("r", says(Condition=condition))
    before = edges(estate_of(tmp_path / "a", text), "may read")
    after = edges(estate_of(tmp_path / "b", text.replace(known, hidden)), "may read")

    assert before == {(R, WEIGHTS)}
    assert {target for _, target in after} == {WEIGHTS}


def test_the_account_of_a_service_accounts_role_is_no_outsider(tmp_path):
    account = """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: t
  namespace: train
  annotations:
    eks.amazonaws.com/role-arn: arn:aws:iam::777766665555:role/elsewhere
"""
    root = '{ AWS = "arn:aws:iam::777766665555:root" }'
    estate = estate_of(tmp_path, STORE + bucket_policy(root), ("a.yaml", account))

    assert edges(estate, "may read") == set()


def access_point(principal, bucket=""):
    return (
        f"""
resource "aws_s3_access_point" "p" {{
  bucket = aws_s3_bucket.w.id
  name   = "p"
  policy = jsonencode({{ Statement = [{{
    Effect = "Allow", Action = "s3:GetObject", Principal = {{ AWS = {principal} }},
    Resource = "arn:aws:s3:eu-west-1:111122223333:accesspoint/p/object/*" }}] }})
}}
"""
        + bucket
    )


def test_an_access_point_names_a_role_of_the_scan(tmp_path):
    text = STORE + role() + access_point("aws_iam_role.r.arn")

    assert edges(estate_of(tmp_path, text), "may read", certain=True) == {(R, WEIGHTS)}


def test_an_access_point_alone_lets_no_other_account_in(tmp_path):
    text = STORE + access_point('"arn:aws:iam::444455556666:root"')

    assert edges(estate_of(tmp_path, text), "may read") == set()


def test_a_bucket_that_leaves_it_to_its_access_points(tmp_path):
    condition = '{ StringEquals = { "s3:DataAccessPointAccount" = "111122223333" } }'
    text = access_point(
        '"arn:aws:iam::444455556666:root"', bucket_policy('"*"', condition)
    )
    estate = estate_of(tmp_path, STORE + text)

    assert ("account:444455556666", WEIGHTS) in edges(estate, "may read")


def test_a_bucket_that_is_looked_up_is_the_bucket_that_is_declared(tmp_path):
    looked_up = 'data "aws_s3_bucket" "d" {\n  bucket = aws_s3_bucket.w.id\n}\n'
    statement = says(resource='"${data.aws_s3_bucket.d.arn}/*"')
    text = STORE + looked_up + role() + policy("r", statement)

    assert edges(estate_of(tmp_path, text), "may read", certain=True) == {(R, WEIGHTS)}


def test_the_issuer_of_a_cluster_is_no_stranger(tmp_path):
    cluster = """
resource "aws_eks_cluster" "c" {
  name     = "c"
  role_arn = "arn:aws:iam::111122223333:role/c"
  vpc_config {
    subnet_ids = ["subnet-1"]
  }
}
resource "aws_iam_openid_connect_provider" "c" {
  url            = aws_eks_cluster.c.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}
"""
    principal = "{ Federated = aws_iam_openid_connect_provider.c.arn }"
    estate = becomes(tmp_path, trusting(principal, WEB), cluster)

    assert edges(estate, "becomes") == set()


def test_a_directory_bucket_is_read_by_sessions_only(tmp_path):
    text = """
resource "aws_s3_directory_bucket" "d" {
  bucket = "lab-d--euw1-az1--x-s3"
  tags   = { "mlsec/holds" = "weights" }
  location {
    name = "euw1-az1"
  }
}
"""
    session = says(
        action='"s3express:CreateSession"',
        resource='"arn:aws:s3express:eu-west-1:*:bucket/lab-d--euw1-az1--x-s3"',
    )
    text += role("a") + policy("a", session) + role("b")
    text += policy("b", says(resource='"*"'))
    found = edges(estate_of(tmp_path, text), "may read")

    assert {source for source, _ in found} == {"aws_iam_role.a"}


def owned(by):
    return f'{{ StringEquals = {{ "aws:ResourceAccount" = {by} }} }}'


ME = "data.aws_caller_identity.me.account_id"


@pytest.mark.parametrize(
    ("statement", "claimable"),
    [
        (says(action='"s3:PutObject"', resource='"arn:aws:s3:::lab-*/*"'), True),
        (says(action='"s3:*"', resource='"arn:aws:s3:::*-w/*"'), True),
        (says(action='"s3:PutObject"', resource='"arn:aws:s3:::lab-w/*"'), False),
        (says(action='"s3:GetObject"', resource='"arn:aws:s3:::lab-*/*"'), False),
        (
            says(
                action='"s3:PutObject"',
                resource='"arn:aws:s3:::lab-*/*"',
                Condition=owned(ME),
            ),
            False,
        ),
    ],
)
def test_whoever_makes_a_bucket_that_fits_a_pattern_is_written_to(
    tmp_path, statement, claimable
):
    estate = estate_of(tmp_path, STORE + role() + policy("r", READS, statement))

    reached = (R, "any-store:aws") in edges(estate, "may write", certain=True)
    assert reached is claimable
    identity = estate.find("identity", R)
    assert identity.fact("writes.any_store").value is False
