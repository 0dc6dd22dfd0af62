"""Credentials that stand in plain text in provider blocks of Terraform.

Only what has the form of its sort counts: test set-ups write words such as `mock` there.
Arguments as documented for hashicorp/aws 6.x, google 7.x, azurerm 4.x, 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.secrets import has_form, plain_secret, secret_under, state_secret
from mlsec_lint.lower.terraform_index import index_of
from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    import re
    from typing import TypeAlias

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.terraform.resource import ProviderUse

    _Names: TypeAlias = dict[str, tuple[str, re.Pattern[str] | None]]

_AWS_SECRET = regex(r"[A-Za-z0-9/+]{40}")
_AZURE_SECRET = regex(r"[A-Za-z0-9_.~-]{30,44}")
#: Argument to the name that tells its sort, and the form it must have: by itself if None.
_AZURE: _Names = {"client_secret": ("AZURE_CLIENT_SECRET", _AZURE_SECRET)}
_GOOGLE: _Names = {"credentials": ("", None), "access_token": ("", None)}
_ARGUMENTS: dict[str, _Names] = {
    "aws": {
        "access_key": ("", None),
        "secret_key": ("AWS_SECRET_ACCESS_KEY", _AWS_SECRET),
    },
    "google": _GOOGLE,
    "google-beta": _GOOGLE,
    "azurerm": _AZURE,
    "azuread": _AZURE,
    "azapi": _AZURE,
}


def lower_provider_keys(inputs: Inputs, estate: Estate) -> None:
    """State the credentials of every provider configuration of the scan's roots."""
    for here in index_of(inputs).roots:
        for use in here.root.providers:
            _of_provider(estate, use, here.prefix)


def _of_provider(estate: Estate, use: ProviderUse, prefix: str) -> None:
    if use.values is None:
        return
    owner = ".".join(part for part in ("provider", use.name, use.alias) if part)
    for argument, (name, form) in _ARGUMENTS.get(use.name, {}).items():
        value = use.values.get(argument)
        text = value.text() if value is not None else None
        if value is None or not isinstance(text, str):
            continue
        named = form is not None and form.fullmatch(text) and plain_secret(text)
        found = secret_under(name, value) if named or has_form(value) else None
        if found is None and "-----BEGIN" in text:
            found = secret_under(name, value)
        if found is not None:
            state_secret(estate, None, found, f"{prefix}{owner}", argument)
