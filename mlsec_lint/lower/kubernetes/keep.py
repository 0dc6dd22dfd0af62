"""Secret and ConfigMap objects: credentials that stand in them in plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.kubernetes.environment import entries
from mlsec_lint.lower.kubernetes.index import namespace_of
from mlsec_lint.lower.scalars import given, text_of
from mlsec_lint.lower.secrets import (
    Found,
    credential_name,
    plain_secret,
    secret_under,
    secrets_in,
    state_secret,
)
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.kubernetes.manifest import Manifest
    from mlsec_lint.value import Value

#: Secret types whose content is public or bound to one machine.
_NOT_SECRET = frozenset({"helm.sh/release.v1"})
_PUBLIC_KEYS = ("tls.crt", "ca.crt", "ca.pem", "ca-bundle.crt", "namespace")
_USER_WORDS = (
    "user",
    "username",
    "host",
    "port",
    "database",
    "endpoint",
    "region",
    "url",
)


def lower_keep(estate: Estate, manifest: Manifest) -> None:
    """State the credentials of a committed Secret or ConfigMap."""
    if given(manifest.value, "sops") is not None:  # encrypted in the repository
        return
    secret = manifest.kind == "Secret"
    if secret and text_of(given(manifest.value, "type")) in _NOT_SECRET:
        return
    owner = (
        manifest.address or f"{manifest.kind}/{namespace_of(manifest)}/{manifest.name}"
    )
    for name, value in entries(manifest).items():
        span = value.entry() or value.span
        if span is None or name.lower() in _PUBLIC_KEYS:
            continue
        found = secret_under(name, value)
        if found is None and secret:
            found = _in_secret(name, value)
        if found is not None:
            state_secret(estate, None, found, owner, name)
        elif not secret:
            for inner in secrets_in(value):
                state_secret(estate, None, inner, owner, inner.type)


def _in_secret(name: str, value: Value) -> Found | None:
    """What stands in a Secret is one, unless its key or value says otherwise."""
    span = value.entry() or value.span
    text = value.data
    if span is None or isinstance(text, Unknown) or not isinstance(text, str):
        return None
    last = name.lower().replace("-", "_").rpartition("_")[2]
    if last in _USER_WORDS or "\n" in text.strip() or credential_name(name):
        return None
    spoken = any(w in name.lower() for w in ("token", "key", "secret", "pass", "cred"))
    if not spoken:
        return None
    return Found("token", plain_secret(text), span)
