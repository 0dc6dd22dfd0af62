"""To whose account a copy goes, where its destination names one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.terraform_index import symbol_of, values_at
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value


def put_account(
    here: RootIndex, copy: Thing, account: Value | None, span: Span
) -> None:
    """State the account of a copy, and that it is foreign unless the root names it.

    `data.aws_caller_identity.*` is the account of the root itself. An account that a
    provider of the root signs in to is the lab's.
    """
    if account is None:
        return
    where = account.entry() or span
    symbol = symbol_of(account)
    if symbol is not None and ".aws_caller_identity." in f".{symbol.address}":
        copy.state("target.foreign", value=False, span=where)
        return
    text = here.text_of(account)
    if text is None:
        return
    copy.state("account", text, where, trail=account.trail)
    if isinstance(text, Unknown):
        copy.state("target.foreign", text._replace(possible=None, parts=()), where)
    else:
        foreign = text not in own_accounts(here)
        copy.state("target.foreign", foreign, where, trail=account.trail)


def own_accounts(here: RootIndex) -> set[str]:
    """Accounts that the providers of a root are allowed to, or sign in to by a role."""
    found: set[str] = set()
    for provider in here.root.providers:
        values = provider.values
        if values is None:
            continue
        for listed in values_at(values, "allowed_account_ids"):
            text = here.text_of(listed)
            found |= {text} if isinstance(text, str) else set()
        for role in values_at(values, "assume_role.role_arn"):
            text = here.text_of(role)
            parts = text.split(":") if isinstance(text, str) else []
            found |= {parts[4]} if len(parts) > 5 else set()
    return found
