"""AWS IAM roles as identities: who may assume them, when that is everyone.

A role answers to its ARN (where the account is known), to `role/NAME` and to its
Terraform address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.public import public_readings
from mlsec_lint.lower.declared import thing_of
from mlsec_lint.lower.reading import given, put_also

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource

ROLE = "aws_iam_role"


def lower_roles(index: TerraformIndex, estate: Estate) -> None:
    """Every role that Terraform declares, with what its trust policy opens."""
    for here in index.roots:
        for role in here.of(ROLE):
            _role(here, role, estate)


def _role(here: RootIndex, role: Resource, estate: Estate) -> None:
    name = here.attribute(role, "name")
    names = (f"role/{name}",) if isinstance(name, str) else ()
    identity = estate.add(thing_of(here, role, "identity", "aws", *names))
    trust = given(role.values, "assume_role_policy")
    span = (trust.entry() if trust is not None else None) or role.span
    identity.state("public.principal", value=False, span=span)
    if trust is None:
        return
    for found in public_readings(here, trust, role.span):
        put_also(identity, "public.principal", found)
