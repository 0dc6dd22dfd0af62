"""Cases of AWS's evaluation of policies, each from a page of AWS's documentation.

The facts are in our own words; the accounts, names and policies are invented. A row is
(page, expected, request and policies). Pages are of the IAM user guide where no other
guide is named, as of 2026-11.
"""

from __future__ import annotations

LOGIC = "reference_policies_evaluation-logic_policy-eval-denyallow"
BASICS = "reference_policies_evaluation-logic_policy-eval-basics"
CROSS = "reference_policies_evaluation-logic-cross-account"
BOUNDARY = "access_policies_boundaries"
SESSION = "access_policies#policies_session"
OPERATORS = "reference_policies_elements_condition_operators"
SEVERAL = "reference_policies_condition-logic-multiple-context-keys-or-values"
MULTI = "reference_policies_condition-single-vs-multi-valued-context-keys"
KEYS = "reference_policies_condition-keys"
ACTION = "reference_policies_elements_action"
NOTACTION = "reference_policies_elements_notaction"
RESOURCE = "reference_policies_elements_resource"
NOTRESOURCE = "reference_policies_elements_notresource"
PRINCIPAL = "reference_policies_elements_principal"
NOTPRINCIPAL = "reference_policies_elements_notprincipal"
VARIABLES = "reference_policies_variables"
ROLES = "id_roles_terms-and-concepts"
TRUST = "id_roles_update-role-trust-policy"
OIDC = "id_roles_create_for-idp_oidc"
MFA = "id_credentials_mfa_configure-api-require"
SCP = "AWS Organizations user guide, orgs_manage_policies_scps_evaluation"
RCP = "AWS Organizations user guide, orgs_manage_policies_rcps"
KMS = "AWS KMS developer guide, key-policy-default"
KMS_IAM = "AWS KMS developer guide, iam-policies"
KMS_CROSS = "AWS KMS developer guide, key-policy-modifying-external-accounts"
S3_ARNS = "Amazon S3 user guide, s3-arn-format"
S3_POLICIES = "Amazon S3 user guide, example-bucket-policies"
S3_VPC = "Amazon S3 user guide, example-bucket-policies-vpc-endpoint"
CONFUSED = "confused-deputy"

YES, NO, MAYBE = "yes", "no", "maybe"

OBJECT = "arn:aws:s3:::weights/run-1/model.safetensors"
BUCKET = "arn:aws:s3:::weights"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/k-1"
HOME, AWAY = "111122223333", "444455556666"
ROLE = f"arn:aws:iam::{HOME}:role/trainer"
SESSION_ARN = f"arn:aws:sts::{HOME}:assumed-role/trainer/job"
USER = f"arn:aws:iam::{HOME}:user/ada"
STRANGER = f"arn:aws:iam::{AWAY}:role/partner"
TARGET = f"arn:aws:iam::{HOME}:role/deployer"
GET = "s3:GetObject"


def allow(action=GET, resource=OBJECT, **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action=GET, resource=OBJECT, **more):
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def to(principal, action=GET, resource=OBJECT, **more):
    return {**allow(action, resource, **more), "Principal": principal}


def when(operator, key, value, known, *, effect=allow):
    """A request under one condition; `known` are the values that its key has."""
    condition = {operator: {key: value}}
    context = {} if known is None else {key.lower(): known}
    return {"identity": [effect(Condition=condition)], "known": context}


ANY = allow("*", "*")
FULL = [ANY]

CASES = [
    # -- the basics ---------------------------------------------------------------
    ("nothing says anything", BASICS, NO, {}),
    ("an Allow of the identity", BASICS, YES, {"identity": [allow()]}),
    ("a Deny beats an Allow", LOGIC, NO, {"identity": [allow(), deny()]}),
    ("order does not count", LOGIC, NO, {"identity": [deny(), allow()]}),
    ("a Deny of another action", LOGIC, YES, {"identity": [allow(), deny("s3:PutObject")]}),
    ("an Allow of another action", BASICS, NO, {"identity": [allow("s3:PutObject")]}),
    ("an Allow of another object", BASICS, NO, {"identity": [allow(resource=f"{BUCKET}/x")]}),
    ("one of two policies allows", BASICS, YES, {"identity": [allow("s3:PutObject"), allow()]}),
    ("the resource's policy alone, one account", LOGIC, YES, {"resource": [to({"AWS": ROLE})]}),
    ("a Deny of the resource's policy", LOGIC, NO,
     {"identity": [allow()], "resource": [{**deny(), "Principal": "*"}]}),
    ("a Deny of the identity beats the resource", LOGIC, NO,
     {"identity": [deny()], "resource": [to({"AWS": ROLE})]}),
    ("the account in the resource's policy leaves it to IAM", PRINCIPAL, NO,
     {"resource": [to({"AWS": f"arn:aws:iam::{HOME}:root"})]}),
    ("and IAM allows", PRINCIPAL, YES,
     {"identity": [allow()], "resource": [to({"AWS": f"arn:aws:iam::{HOME}:root"})]}),
    ("everyone in the resource's policy", PRINCIPAL, YES, {"resource": [to("*")]}),
    ("everyone, written as AWS", PRINCIPAL, YES, {"resource": [to({"AWS": "*"})]}),
    ("another principal in the resource's policy", PRINCIPAL, NO,
     {"resource": [to({"AWS": f"arn:aws:iam::{HOME}:role/other"})]}),
    ("a service in the resource's policy is not the role", PRINCIPAL, NO,
     {"resource": [to({"Service": "sagemaker.amazonaws.com"})]}),
    ("a service asks for itself", PRINCIPAL, YES,
     {"principal": ("Service", "logging.s3.amazonaws.com"),
      "resource": [to({"Service": "logging.s3.amazonaws.com"})]}),
    # -- boundaries and sessions --------------------------------------------------
    ("a boundary that allows something else", BOUNDARY, NO,
     {"identity": [allow()], "boundary": [allow("ec2:*", "*")]}),
    ("a boundary alone gives nothing", BOUNDARY, NO, {"boundary": [allow()]}),
    ("both allow", BOUNDARY, YES, {"identity": [allow()], "boundary": [allow("s3:*", "*")]}),
    ("a Deny in the boundary", BOUNDARY, NO,
     {"identity": [allow()], "boundary": [ANY, deny()]}),
    ("a policy that names the user passes its boundary", BOUNDARY, YES,
     {"principal": ("AWS", USER), "boundary": [allow("ec2:*", "*")],
      "resource": [to({"AWS": USER})]}),
    ("a policy that names the role does not", BOUNDARY, NO,
     {"boundary": [allow("ec2:*", "*")], "resource": [to({"AWS": ROLE})]}),
    ("a policy that names the session does", BOUNDARY, YES,
     {"names": (SESSION_ARN,), "boundary": [allow("ec2:*", "*")],
      "resource": [to({"AWS": SESSION_ARN})]}),
    ("a Deny in the boundary stops that too", BOUNDARY, NO,
     {"principal": ("AWS", USER), "boundary": [ANY, deny()], "resource": [to({"AWS": USER})]}),
    ("a session's policy limits", SESSION, NO,
     {"identity": [allow()], "session": [allow("s3:PutObject")]}),
    ("a session's policy that allows too", SESSION, YES,
     {"identity": [allow()], "session": [allow("s3:*", "*")]}),
    ("a session's policy gives nothing", SESSION, NO, {"session": [allow()]}),
    ("session, boundary and identity meet", SESSION, NO,
     {"identity": [allow()], "boundary": [ANY], "session": [allow("s3:List*", "*")]}),
    # -- organisations ------------------------------------------------------------
    ("an SCP that allows nothing of it", SCP, NO,
     {"identity": [allow()], "scps": [[allow("ec2:*", "*")]]}),
    ("an SCP that denies it", SCP, NO, {"identity": [allow()], "scps": [[ANY, deny("s3:*", "*")]]}),
    ("an SCP gives nothing", SCP, NO, {"scps": [FULL]}),
    ("every level must allow", SCP, NO,
     {"identity": [allow()], "scps": [FULL, [allow("ec2:*", "*")], FULL]}),
    ("all levels allow", SCP, YES, {"identity": [allow()], "scps": [FULL, FULL, FULL]}),
    ("an SCP limits what the resource's policy gives", SCP, NO,
     {"resource": [to({"AWS": ROLE})], "scps": [[ANY, deny()]]}),
    ("an RCP that denies strangers of another organisation", RCP, NO,
     {"identity": [allow()], "known": {"aws:principalorgid": ("o-other",)},
      "rcps": [[ANY, {**deny("s3:*", "*"), "Principal": "*",
                      "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-lab"}}}]]}),
    ("the same for one of ours", RCP, YES,
     {"identity": [allow()], "known": {"aws:principalorgid": ("o-lab",)},
      "rcps": [[ANY, {**deny("s3:*", "*"), "Principal": "*",
                      "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-lab"}}}]]}),
    # -- across accounts ----------------------------------------------------------
    ("across accounts the identity alone", CROSS, NO,
     {"principal": ("AWS", STRANGER), "identity": [allow()]}),
    ("across accounts the resource alone", CROSS, NO,
     {"principal": ("AWS", STRANGER), "resource": [to({"AWS": STRANGER})]}),
    ("across accounts both", CROSS, YES,
     {"principal": ("AWS", STRANGER), "identity": [allow()], "resource": [to({"AWS": STRANGER})]}),
    ("the resource names the account, its IAM the identity", CROSS, YES,
     {"principal": ("AWS", STRANGER), "identity": [allow()],
      "resource": [to({"AWS": f"arn:aws:iam::{AWAY}:root"})]}),
    ("an account by its number alone", PRINCIPAL, YES,
     {"principal": ("AWS", STRANGER), "identity": [allow()], "resource": [to({"AWS": AWAY})]}),
    ("the resource names a third account", CROSS, NO,
     {"principal": ("AWS", STRANGER), "identity": [allow()],
      "resource": [to({"AWS": "arn:aws:iam::777788889999:root"})]}),
    ("a Deny on either side", CROSS, NO,
     {"principal": ("AWS", STRANGER), "identity": [allow(), deny()],
      "resource": [to({"AWS": STRANGER})]}),
    ("a Deny of the resource for all but its account", CROSS, NO,
     {"principal": ("AWS", STRANGER), "identity": [allow()],
      "known": {"aws:principalaccount": (AWAY,)},
      "resource": [to({"AWS": STRANGER}),
                   {**deny(), "Principal": "*",
                    "Condition": {"StringNotEquals": {"aws:PrincipalAccount": HOME}}}]}),
    # -- keys ---------------------------------------------------------------------
    ("the default key policy leaves it to IAM", KMS, YES,
     {"rule": "key", "action": "kms:Decrypt", "on": KEY, "identity": [allow("kms:Decrypt", KEY)],
      "resource": [to({"AWS": f"arn:aws:iam::{HOME}:root"}, "kms:*", "*")]}),
    ("the default key policy alone lets no role decrypt", KMS, NO,
     {"rule": "key", "action": "kms:Decrypt", "on": KEY,
      "resource": [to({"AWS": f"arn:aws:iam::{HOME}:root"}, "kms:*", "*")]}),
    ("a key policy without the account: IAM does not count", KMS_IAM, NO,
     {"rule": "key", "action": "kms:Decrypt", "on": KEY, "identity": [allow("kms:*", "*")],
      "resource": [to({"AWS": f"arn:aws:iam::{HOME}:role/other"}, "kms:*", "*")]}),
    ("a key policy that names the role", KMS_IAM, YES,
     {"rule": "key", "action": "kms:Decrypt", "on": KEY,
      "resource": [to({"AWS": ROLE}, "kms:Decrypt", "*")]}),
    ("no key policy in config is the default one", KMS, YES,
     {"rule": "key", "action": "kms:Decrypt", "on": KEY, "identity": [allow("kms:Decrypt", KEY)]}),
    ("a key policy that allows another operation", KMS_IAM, NO,
     {"rule": "key", "action": "kms:Decrypt", "on": KEY,
      "resource": [to({"AWS": ROLE}, "kms:Encrypt", "*")]}),
    ("a key of another account: both sides", KMS_CROSS, YES,
     {"rule": "key", "action": "kms:Decrypt", "on": KEY, "principal": ("AWS", STRANGER),
      "identity": [allow("kms:Decrypt", KEY)],
      "resource": [to({"AWS": f"arn:aws:iam::{AWAY}:root"}, "kms:Decrypt", "*")]}),
    ("a key of another account: its policy alone", KMS_CROSS, NO,
     {"rule": "key", "action": "kms:Decrypt", "on": KEY, "principal": ("AWS", STRANGER),
      "resource": [to({"AWS": f"arn:aws:iam::{AWAY}:root"}, "kms:Decrypt", "*")]}),
    # -- trust --------------------------------------------------------------------
    ("a role needs a trust policy", ROLES, NO,
     {"rule": "trust", "action": "sts:AssumeRole", "on": TARGET,
      "identity": [allow("sts:AssumeRole", TARGET)]}),
    ("a trust in the role itself", TRUST, YES,
     {"rule": "trust", "action": "sts:AssumeRole", "on": TARGET,
      "resource": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ROLE}}]}),
    ("a trust in the account leaves it to IAM", TRUST, NO,
     {"rule": "trust", "action": "sts:AssumeRole", "on": TARGET,
      "resource": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": HOME}}]}),
    ("a trust in the account, and IAM allows", TRUST, YES,
     {"rule": "trust", "action": "sts:AssumeRole", "on": TARGET,
      "identity": [allow("sts:AssumeRole", "*")],
      "resource": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": HOME}}]}),
    ("a trust across accounts needs IAM there", CROSS, NO,
     {"rule": "trust", "action": "sts:AssumeRole", "on": TARGET, "principal": ("AWS", STRANGER),
      "resource": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": STRANGER}}]}),
    ("a trust across accounts with IAM there", CROSS, YES,
     {"rule": "trust", "action": "sts:AssumeRole", "on": TARGET, "principal": ("AWS", STRANGER),
      "identity": [allow("sts:AssumeRole", TARGET)],
      "resource": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": AWAY}}]}),
    ("a trust that denies", TRUST, NO,
     {"rule": "trust", "action": "sts:AssumeRole", "on": TARGET,
      "resource": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ROLE}},
                   {"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": "*"}]}),
    ("a token of another issuer", OIDC, NO,
     {"rule": "trust", "action": "sts:AssumeRoleWithWebIdentity", "on": TARGET,
      "principal": ("Federated", "accounts.google.com"),
      "resource": [{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
                    "Principal": {"Federated": "cognito-identity.amazonaws.com"}}]}),
    ("a token's subject that fits", OIDC, YES,
     {"rule": "trust", "action": "sts:AssumeRoleWithWebIdentity", "on": TARGET,
      "principal": ("Federated", "forge"), "known": {"forge:sub": ("repo:lab/models:ref:x",)},
      "resource": [{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
                    "Principal": {"Federated": "forge"},
                    "Condition": {"StringLike": {"forge:sub": "repo:lab/models:*"}}}]}),
    ("a token's subject of another repository", OIDC, NO,
     {"rule": "trust", "action": "sts:AssumeRoleWithWebIdentity", "on": TARGET,
      "principal": ("Federated", "forge"), "known": {"forge:sub": ("repo:lab/site:ref:x",)},
      "resource": [{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
                    "Principal": {"Federated": "forge"},
                    "Condition": {"StringLike": {"forge:sub": "repo:lab/models:*"}}}]}),
    # -- elements -----------------------------------------------------------------
    ("all actions of a service", ACTION, YES, {"identity": [allow("s3:*")]}),
    ("all actions", ACTION, YES, {"identity": [allow("*")]}),
    ("a beginning of actions", ACTION, YES, {"identity": [allow("s3:Get*")]}),
    ("another beginning", ACTION, NO, {"identity": [allow("s3:Put*")]}),
    ("case of actions does not count", ACTION, YES, {"identity": [allow("S3:getOBJECT")]}),
    ("a question mark is one character", ACTION, YES, {"identity": [allow("s3:GetObjec?")]}),
    ("one and not none", ACTION, NO, {"identity": [allow("s3:GetObject?")]}),
    ("an asterisk in the middle", ACTION, YES, {"identity": [allow("s3:*Object")]}),
    ("a list of actions", ACTION, YES, {"identity": [allow(["s3:ListBucket", GET])]}),
    ("NotAction with Allow is all the rest", NOTACTION, YES,
     {"identity": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]}),
    ("NotAction with Allow leaves out what it names", NOTACTION, NO,
     {"identity": [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}]}),
    ("NotAction with Deny", NOTACTION, NO,
     {"identity": [allow(), {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}]}),
    ("NotAction with Deny spares what it names", NOTACTION, YES,
     {"identity": [allow(), {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}]}),
    ("objects of a bucket", S3_ARNS, YES, {"identity": [allow(resource=f"{BUCKET}/*")]}),
    ("the bucket is not its objects", S3_ARNS, NO, {"identity": [allow(resource=BUCKET)]}),
    ("the objects are not the bucket", S3_ARNS, NO,
     {"action": "s3:ListBucket", "on": BUCKET,
      "identity": [allow("s3:ListBucket", f"{BUCKET}/*")]}),
    ("an asterisk reaches over slashes", RESOURCE, YES,
     {"identity": [allow(resource=f"{BUCKET}/run-*.safetensors")]}),
    ("case of resources counts", RESOURCE, NO, {"identity": [allow(resource=f"{BUCKET}/RUN-1/*")]}),
    ("every bucket", RESOURCE, YES, {"identity": [allow(resource="arn:aws:s3:::*")]}),
    ("NotResource with Deny spares what it names", NOTRESOURCE, YES,
     {"identity": [allow(), {"Effect": "Deny", "Action": "s3:*", "NotResource": f"{BUCKET}/*"}]}),
    ("NotResource with Deny", NOTRESOURCE, NO,
     {"identity": [allow(),
                   {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::public/*"}]}),
    ("NotResource with Allow is all the rest", NOTRESOURCE, YES,
     {"identity": [{"Effect": "Allow", "Action": GET, "NotResource": "arn:aws:s3:::pay/*"}]}),
    ("NotPrincipal with Deny spares whom it names", NOTPRINCIPAL, YES,
     {"identity": [allow()], "resource": [{**deny(), "NotPrincipal": {"AWS": ROLE}}]}),
    ("NotPrincipal with Deny", NOTPRINCIPAL, NO,
     {"identity": [allow()],
      "resource": [{**deny(), "NotPrincipal": {"AWS": f"arn:aws:iam::{HOME}:role/other"}}]}),
    ("a variable of which the value is not known", VARIABLES, MAYBE,
     {"identity": [allow(resource=BUCKET + "/${aws:username}/*")]}),
    ("a variable that cannot be the name", VARIABLES, NO,
     {"identity": [allow(resource="arn:aws:s3:::homes/${aws:username}/*")]}),
    ("an escaped asterisk is none", VARIABLES, NO, {"identity": [allow(resource=BUCKET + "/${*}")]}),
    ("a variable in a condition", VARIABLES, YES,
     {"identity": [allow(Condition={"StringEquals":
                                    {"aws:ResourceAccount": "${aws:PrincipalAccount}"}})],
      "known": {"aws:resourceaccount": (HOME,), "aws:principalaccount": (HOME,)}}),
    # -- conditions ---------------------------------------------------------------
    ("equal text", OPERATORS, YES, when("StringEquals", "aws:PrincipalTag/team", "w", ("w",))),
    ("case counts", OPERATORS, NO, when("StringEquals", "aws:PrincipalTag/team", "W", ("w",))),
    ("case does not count", OPERATORS, YES,
     when("StringEqualsIgnoreCase", "aws:PrincipalTag/team", "W", ("w",))),
    ("wildcards are text in StringEquals", OPERATORS, NO,
     when("StringEquals", "aws:PrincipalTag/team", "w*", ("weights",))),
    ("wildcards in StringLike", OPERATORS, YES,
     when("StringLike", "aws:PrincipalTag/team", "w*", ("weights",))),
    ("one of several values", SEVERAL, YES,
     when("StringEquals", "aws:PrincipalTag/team", ["a", "w"], ("w",))),
    ("none of several values", SEVERAL, NO,
     when("StringNotEquals", "aws:PrincipalTag/team", ["a", "w"], ("w",))),
    ("a missing key fails an equality", OPERATORS, NO,
     when("StringEquals", "aws:PrincipalTag/team", "w", ())),
    ("a missing key meets a negation", OPERATORS, YES,
     when("StringNotEquals", "aws:PrincipalTag/team", "w", ())),
    ("a missing key meets IfExists", OPERATORS, YES,
     when("StringEqualsIfExists", "aws:PrincipalTag/team", "w", ())),
    ("a key that is there is compared by IfExists", OPERATORS, NO,
     when("StringEqualsIfExists", "aws:PrincipalTag/team", "w", ("x",))),
    ("an unknown key", KEYS, MAYBE, when("StringEquals", "aws:PrincipalTag/team", "w", None)),
    ("Null asks for absence", OPERATORS, YES, when("Null", "aws:TokenIssueTime", "true", ())),
    ("Null asks for presence", OPERATORS, NO, when("Null", "aws:TokenIssueTime", "false", ())),
    ("Null with a key that is there", OPERATORS, YES,
     when("Null", "aws:TokenIssueTime", "false", ("1",))),
    ("Bool", OPERATORS, YES, when("Bool", "aws:SecureTransport", "true", ("true",))),
    ("Bool that differs", OPERATORS, NO, when("Bool", "aws:SecureTransport", "true", ("false",))),
    ("a second factor that is missing", MFA, NO,
     when("Bool", "aws:MultiFactorAuthPresent", "true", ())),
    ("BoolIfExists lets long-lived keys through", MFA, YES,
     when("BoolIfExists", "aws:MultiFactorAuthPresent", "true", ())),
    ("an age below", OPERATORS, YES,
     when("NumericLessThan", "aws:MultiFactorAuthAge", "3600", ("60",))),
    ("an age above", OPERATORS, NO,
     when("NumericLessThan", "aws:MultiFactorAuthAge", "3600", ("7200",))),
    ("a date before", OPERATORS, YES,
     when("DateLessThan", "aws:CurrentTime", "2027-01-01T00:00:00Z", ("2026-11-24T00:00:00Z",))),
    ("a date after", OPERATORS, NO,
     when("DateGreaterThan", "aws:CurrentTime", "2027-01-01T00:00:00Z",
          ("2026-11-24T00:00:00Z",))),
    ("an address inside", OPERATORS, YES,
     when("IpAddress", "aws:SourceIp", "203.0.113.0/24", ("203.0.113.9",))),
    ("an address outside", OPERATORS, NO,
     when("IpAddress", "aws:SourceIp", "203.0.113.0/24", ("198.51.100.1",))),
    ("an address that is spared", OPERATORS, YES,
     when("NotIpAddress", "aws:SourceIp", "203.0.113.0/24", ("198.51.100.1",))),
    ("an ARN by its parts", OPERATORS, YES,
     when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:111122223333:topic-*",
          ("arn:aws:sns:eu-west-1:111122223333:topic-1",))),
    ("an asterisk in an ARN stays within its part", OPERATORS, NO,
     when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:topic",
          ("arn:aws:sns:eu-west-1:111122223333:topic",))),
    ("ArnEquals takes wildcards like ArnLike", OPERATORS, YES,
     when("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/train*", (ROLE,))),
    ("any of several values of a key", MULTI, YES,
     when("ForAnyValue:StringEquals", "aws:TagKeys", ["a", "b"], ("b", "c"))),
    ("all of several values of a key", MULTI, NO,
     when("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b"], ("b", "c"))),
    ("all values are among them", MULTI, YES,
     when("ForAllValues:StringEquals", "aws:TagKeys", ["a", "b", "c"], ("b", "c"))),
    ("ForAllValues of a missing key is met", MULTI, YES,
     when("ForAllValues:StringEquals", "aws:TagKeys", ["a"], ())),
    ("ForAnyValue of a missing key is not", MULTI, NO,
     when("ForAnyValue:StringEquals", "aws:TagKeys", ["a"], ())),
    ("all conditions of a statement must hold", SEVERAL, NO,
     {"identity": [allow(Condition={"StringEquals": {"aws:PrincipalTag/a": "1"},
                                    "Bool": {"aws:SecureTransport": "true"}})],
      "known": {"aws:principaltag/a": ("1",), "aws:securetransport": ("false",)}}),
    ("two keys under one operator must both hold", SEVERAL, NO,
     {"identity": [allow(Condition={"StringEquals": {"aws:PrincipalTag/a": "1",
                                                     "aws:PrincipalTag/b": "2"}})],
      "known": {"aws:principaltag/a": ("1",), "aws:principaltag/b": ("3",)}}),
    ("keys are compared without regard to case", KEYS, YES,
     {"identity": [allow(Condition={"StringEquals": {"AWS:principaltag/a": "1"}})],
      "known": {"aws:principaltag/a": ("1",)}}),
    ("a Deny without encryption in transit", S3_POLICIES, YES,
     {"identity": [allow()], "known": {"aws:securetransport": ("true",)},
      "resource": [{**deny("s3:*", "*"), "Principal": "*",
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}),
    ("a Deny outside of an endpoint spares who comes by it", S3_VPC, YES,
     {"identity": [allow()],
      "resource": [{**deny("s3:*", "*"), "Principal": "*",
                    "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}]}),
    ("an Allow by an endpoint needs the endpoint", S3_VPC, MAYBE,
     {"resource": [to("*", Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}})]}),
    ("a Deny by the principal's ARN", KEYS, NO,
     {"identity": [allow()], "known": {"aws:principalarn": (ROLE,)},
      "resource": [{**deny("s3:*", "*"), "Principal": "*",
                    "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}}]}),
    ("a service on behalf of another account", CONFUSED, NO,
     {"principal": ("Service", "cloudtrail.amazonaws.com"), "action": "s3:PutObject",
      "known": {"aws:sourceaccount": (AWAY,)},
      "resource": [to({"Service": "cloudtrail.amazonaws.com"}, "s3:PutObject",
                      Condition={"StringEquals": {"aws:SourceAccount": HOME}})]}),
    ("a service on behalf of this account", CONFUSED, YES,
     {"principal": ("Service", "cloudtrail.amazonaws.com"), "action": "s3:PutObject",
      "known": {"aws:sourceaccount": (HOME,)},
      "resource": [to({"Service": "cloudtrail.amazonaws.com"}, "s3:PutObject",
                      Condition={"StringEquals": {"aws:SourceAccount": HOME}})]}),
    ("an endpoint's policy limits", S3_VPC, NO,
     {"identity": [allow()], "endpoint": [{**allow("s3:*", "arn:aws:s3:::other/*"), "Principal": "*"}]}),
    ("an endpoint's policy gives nothing", S3_VPC, NO,
     {"endpoint": [{**allow("s3:*", "*"), "Principal": "*"}]}),
]  # fmt: skip
