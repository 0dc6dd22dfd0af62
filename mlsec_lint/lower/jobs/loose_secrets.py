"""Tokens in config that no format claims: Helm values, .env files, notebooks of settings.

Only tokens of a known form count here: a name alone says little where nobody knows what
the file is for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.secrets import secrets_in, state_secret
from mlsec_lint.source import Source, Span
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs

_SUFFIXES = (
    ".env", ".ini", ".cfg", ".conf", ".toml", ".properties", ".sh", ".tpl", ".tftpl",
    ".j2", ".jinja", ".gotmpl", ".config", ".netrc", ".npmrc", ".pypirc",
)  # fmt: skip
_NAMES = (".env.", ".netrc", "Makefile", "justfile")
_OBJECTS = (".yaml", ".yml", ".json")
_MAX_TEXT = 1_000_000


def lower_loose_secrets(inputs: Inputs, estate: Estate) -> None:
    """State the tokens of a known form in config files that nothing else has read."""
    known = {secret.span.path for secret in estate.of("secret")}
    for path, document in inputs.documents:
        if id(document) not in inputs.claimed and path not in known:
            _state(estate, document.span)
    for source in inputs.texts:
        name = source.path.rpartition("/")[2]
        config = name.endswith(_SUFFIXES) or name.startswith(_NAMES)
        if config and source.path not in known:
            _state(estate, Span(source, 0, len(source.text)))
    _in_objects(inputs, estate)


def _in_objects(inputs: Inputs, estate: Estate) -> None:
    """Tokens in files of Kubernetes objects, in whatever field of whatever kind.

    A line that a reader has stated a secret of is left alone.
    """
    stated = {(s.span.path, _line(s.span)) for s in estate.of("secret")}
    sources = {id(m.span.source): m.span.source for m in inputs.manifests}
    for source in sources.values():
        if not source.path.endswith(_OBJECTS) or len(source.text) > _MAX_TEXT:
            continue
        for found in secrets_in(Value(source.text, Span(source, 0, len(source.text)))):
            if (source.path, _line(found.span)) not in stated:
                state_secret(estate, None, found, source.path, found.type)


def _line(span: Span) -> int:
    return span.source.position(span.start)[0]


def _state(estate: Estate, span: Span) -> None:
    source: Source = span.source
    if span.end - span.start > _MAX_TEXT:
        return
    whole = Value(source.text[span.start : span.end], span)
    for found in secrets_in(whole):
        state_secret(estate, None, found, source.path, found.type)
