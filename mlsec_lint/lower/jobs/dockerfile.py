"""Dockerfiles: credentials in ENV and ARG, what CMD and ENTRYPOINT start."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.shell import read_script
from mlsec_lint.lower.secrets import has_form, secret_under, secrets_in, state_secret
from mlsec_lint.patterns import regex
from mlsec_lint.source import Source, Span
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs

_NAME = regex(r"(?:^|/)(?:Dockerfile|Containerfile)(?:\.[\w.-]+)?$|\.[Dd]ockerfile$")
_FROM = regex(r"^[ \t]*FROM[ \t]+\S+", re.MULTILINE | re.IGNORECASE)
_INSTRUCTION = regex(r"[ \t]*(ENV|ARG|RUN|LABEL)[ \t]+", re.IGNORECASE)
_MAX_TEXT = 512_000


def lower_dockerfiles(inputs: Inputs, estate: Estate) -> None:
    """State credentials that Dockerfiles bake into images."""
    for source in dockerfiles(inputs):
        inputs.recognised["dockerfile"] = inputs.recognised.get("dockerfile", 0) + 1
        for name, value in _assignments(source):
            found = secret_under(name, value)
            if found is not None and found.plain is True and not has_form(value):
                state_secret(estate, None, found, source.path, name)
        whole = Value(source.text, Span(source, 0, len(source.text)))
        for found in secrets_in(whole):
            state_secret(estate, None, found, source.path, found.type)


def dockerfiles(inputs: Inputs) -> Iterator[Source]:
    """The texts that are Dockerfiles: by name, and with a FROM."""
    for source in inputs.texts:
        if len(source.text) > _MAX_TEXT or not _NAME.search(source.path):
            continue
        if _FROM.search(source.text):
            yield source


def _assignments(source: Source) -> Iterator[tuple[str, Value]]:
    """`ENV A=b C=d`, `ENV A b`, `ARG A=b`, line by line."""
    at = 0
    for line in source.text.splitlines(keepends=True):
        start, at = at, at + len(line)
        match = _INSTRUCTION.match(line)
        if match is None or match[1].upper() not in ("ENV", "ARG"):
            continue
        script = read_script(source, start=start + match.end(), end=at)
        for name, value in script.variables.items():
            yield name, value.replace(key=None)
        for command in script.commands[:1]:
            if len(command.words) == 2 and isinstance(command.words[0].data, str):
                yield command.words[0].data, command.words[1]
