"""Resource shares of AWS RAM: with which other accounts a resource is shared.

An organisation or a unit of one is the lab's own. (AWS RAM user guide, 2026-11: model
package groups, images of Image Builder and air-gapped backup vaults can be shared.)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.arns import ACCOUNT, field_of
from mlsec_lint.lower.aws.copy_accounts import own_accounts
from mlsec_lint.lower.reading import given, span_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.source import Span
    from mlsec_lint.terraform.resource import Resource

SHARE = "aws_ram_resource_share"
_RESOURCE, _PRINCIPAL = "aws_ram_resource_association", "aws_ram_principal_association"
_NUMBER = re.compile(r"\d{12}")


def shared_with(
    index: TerraformIndex, here: RootIndex, resource: Resource
) -> Iterator[tuple[str | Unknown, Span]]:
    """Each account, none of the root's own, that shares admit to a resource; the line."""
    for tie in index.satellites(here, resource, _RESOURCE, "resource_arn").found:
        named = given(tie.values, "resource_share_arn")
        for share in here.parents(named, (SHARE,)):
            joined = index.satellites(here, share, _PRINCIPAL, "resource_share_arn")
            for principal in joined.found:
                found = _account(here, principal)
                if found is not None and found not in own_accounts(here):
                    value = given(principal.values, "principal")
                    span = (
                        principal.span if value is None else span_of(value, principal)
                    )
                    yield found, span


def _account(here: RootIndex, principal: Resource) -> str | Unknown | None:
    """The account of a principal; None for organisations, and for our own."""
    text = here.text_of(given(principal.values, "principal"))
    if isinstance(text, Unknown):
        plain = text.kind == "variable" and not text.parts
        return text._replace(possible=None) if plain else None
    if text is None or ":organizations:" in text:
        return None
    number = field_of(text, ACCOUNT) if text.startswith("arn:") else text
    return number if number is not None and _NUMBER.fullmatch(number) else None
