"""Roles of terraform-aws-modules/iam/aws by their inputs (read: 4.0 to 6.5, 2026-11).

The submodules for service accounts, for roles that somebody may assume, and for OIDC
providers, with the policies that they attach. Does not model: SAML, groups, users.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.modules.aws_iam_attached import attached
from mlsec_lint.lower.modules.building import (
    Builder,
    Expansion,
    Module,
    is_empty,
    switched_off,
    switched_on,
)
from mlsec_lint.lower.modules.policies import condition, policy, statement
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_SOURCE = "terraform-aws-modules/iam/aws//modules/"
_GITHUB = "terraform-aws-modules/terraform-aws-iam//modules/"
_WEB = "sts:AssumeRoleWithWebIdentity"


def _named(*names: str) -> tuple[str, ...]:
    return tuple(stem + name for name in names for stem in (_SOURCE, _GITHUB))


def _role(make: Builder, trust: Value, switch: str, name: Value | None) -> Expansion:
    create = make.input(switch)
    role = make.resource(
        "aws_iam_role.this[0]",
        "aws",
        create,
        name=name,
        assume_role_policy=trust,
        path=make.input("role_path") or make.input("path"),
        tags=make.input("tags"),
    )
    return Expansion((role, *attached(make, role)), _outputs(role))


def _outputs(role: Resource) -> dict[str, tuple[Resource, str]]:
    names = {"arn": "arn", "name": "name", "iam_role_arn": "arn"}
    return {output: (role, attribute) for output, attribute in names.items()} | {
        "iam_role_name": (role, "name")
    }


def _service_account(make: Builder) -> Expansion:
    """`oidc_providers`: each a provider and the service accounts that it speaks for."""
    switch = "create" if make.input("create_role") is None else "create_role"
    if switched_off(make.input(switch)):
        return Expansion((), {})
    name = make.input("role_name")
    if name is None and switched_off(make.input("use_name_prefix")):
        name = make.input("name")
    providers = make.input("oidc_providers")
    found = []
    if providers is not None and providers.unknown is not None:
        found.append(statement(make, "Federated", providers, _WEB))
    for _, entry in providers.items() if providers is not None else ():
        arn, accounts = (
            entry.get("provider_arn"),
            entry.get("namespace_service_accounts"),
        )
        if arn is not None:
            found.append(statement(make, "Federated", arn, _WEB, _of(make, accounts)))
    return _role(make, policy(make, found), switch, name)


def _of(make: Builder, accounts: Value | None) -> Value | None:
    """The condition on the subject: which service accounts may come."""
    if accounts is None or accounts.unknown is not None:
        return None
    subjects = tuple(
        one.replace(data=f"system:serviceaccount:{one.data}")
        for one in accounts.elements()
        if isinstance(one.data, str)
    )
    if len(subjects) < len(accounts.elements()):
        return None
    return condition(make, "StringEquals", "sub", accounts.replace(data=subjects))


def _assumable(make: Builder) -> Expansion:
    """iam-assumable-role: principals by ARN and by service."""
    if not switched_on(make.input("create_role")):  # off by default
        return Expansion((), {})
    custom = make.input("custom_role_trust_policy")
    if custom is not None and not is_empty(custom):
        return _role(make, custom, "create_role", make.input("role_name"))
    found = []
    given = make.input("trust_policy_conditions")
    for kind, name in (
        ("AWS", "trusted_role_arns"),
        ("Service", "trusted_role_services"),
    ):
        who = make.input(name)
        if who is not None and not is_empty(who):
            found.append(statement(make, kind, who, "sts:AssumeRole", _open(given)))
    return _role(make, policy(make, found), "create_role", make.input("role_name"))


def _open(conditions: Value | None) -> Value | None:
    """Conditions that an input adds: not read, so that what they close is not known."""
    if conditions is None or is_empty(conditions):
        return None
    why = "conditions of a module's trust policy are not read"
    return conditions.replace(data=Unknown("module", why, span=conditions.span))


def _oidc(make: Builder) -> Expansion:
    """iam-assumable-role-with-oidc and iam-role: whoever a provider vouches for."""
    old = make.input("provider_url") or make.input("provider_urls")
    switch = "create_role" if old is not None else "create"
    if old is not None and not switched_on(make.input("create_role")):
        return Expansion((), {})
    if switched_off(make.input(switch)):
        return Expansion((), {})
    urls = old or make.input("oidc_provider_urls")
    found = []
    if urls is not None and not is_empty(urls):
        found.append(statement(make, "Federated", urls, _WEB))
    name = make.input("role_name")
    if name is None and switched_off(make.input("use_name_prefix")):
        name = make.input("name")
    permissions = make.input("trust_policy_permissions")
    return _role(make, policy(make, found, permissions), switch, name)


AWS_SERVICE_ACCOUNT_ROLE = Module(
    _named("iam-role-for-service-accounts-eks", "iam-role-for-service-accounts"),
    "4.0 to 6.5",
    6,
    _service_account,
)
AWS_ASSUMABLE_ROLE = Module(_named("iam-assumable-role"), "4.0 to 5.60", 5, _assumable)
AWS_OIDC_ROLE = Module(
    _named("iam-assumable-role-with-oidc", "iam-role"), "4.0 to 6.5", 6, _oidc
)
