"""The words of one command, before anything is stated of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.arguments import Setting, arguments
from mlsec_lint.lower.jobs.launch import program_name
from mlsec_lint.lower.jobs.paths import is_path
from mlsec_lint.lower.jobs.weight_words import names_weights_written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlsec_lint.source import Span
    from mlsec_lint.value import Value


def with_prefix(
    words: Sequence[Value], environment: Mapping[str, Value]
) -> Mapping[str, Value]:
    """`env NAME=value program`: the variables the prefix sets."""
    if not words or program_name(words[0]) != "env":
        return environment
    found = dict(environment)
    for setting in arguments(words[1:]).settings:
        if not setting.bare and setting.name.isupper():
            found[setting.name] = setting.value.replace(key=setting.span)
    return found


def names_model(setting: Setting) -> bool:
    """Whether one flag says by itself that a model is written to a path."""
    return names_weights_written(setting.name) and is_path(setting.value)


def with_pairs(settings: Sequence[Setting]) -> list[Setting]:
    """`--model_args pretrained=gs://b/x,dtype=bfloat16`: the pairs as settings too."""
    found: list[Setting] = []
    for setting in settings:
        data = setting.value.data
        if setting.last in ("model_args", "model_kwargs") and isinstance(data, str):
            for pair in data.split(","):
                name, equals, value = pair.partition("=")
                if equals:
                    part = setting.value.replace(data=value.strip())
                    found.append(Setting(name.strip(), part, setting.span))
            continue
        found.append(setting)
    return found


def span_of(words: Sequence[Value]) -> Span | None:
    """From the first word to the last where they stand in one line, else the first."""
    first, last = words[0].span, words[-1].span
    if first is None or last is None:
        return first
    whole = first.to(last)
    return first if "\n" in whole.text else whole
