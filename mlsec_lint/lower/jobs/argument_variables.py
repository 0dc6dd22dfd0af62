"""Arguments of a server that stand in a variable, which its start script takes over.

`VLLM_ADDITIONAL_ARGS: "--trust-remote-code --api-key $KEY"`: policies/data/argument_variables.json
names the variables and the server that each is for ("" for any).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.tables import document
from mlsec_lint.lower.jobs.shell import read_script
from mlsec_lint.lower.stores import written
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlsec_lint.source import Source
    from mlsec_lint.value import Value

    SourceOf = Callable[[Value], Source | None]

_LONGEST = 20_000


def argument_variables() -> tuple[str, ...]:
    """The names of the variables that hold arguments."""
    return tuple(document("argument_variables.json")["variables"])


def variable_form(environment: Mapping[str, Value]) -> str:
    """The server that the variables of an environment are for; "" where none tells."""
    rows = document("argument_variables.json")["variables"]
    for name, value in environment.items():
        form = str(rows[name]["form"]) if name in rows else ""
        if form and _is_line(value):
            return form
    return ""


def variable_words(
    environment: Mapping[str, Value], form: str, source_of: SourceOf
) -> Sequence[Value]:
    """The words of a server's command line that stand in its environment.

    `source_of` gives the text of a value as a script with the positions of its file.
    """
    rows = document("argument_variables.json")["variables"]
    found: list[Value] = []
    for name, value in environment.items():
        if name not in rows or rows[name]["form"] not in (form, ""):
            continue
        source = source_of(value) if _is_line(value) else None
        commands = read_script(source, environment).commands if source else ()
        found.extend(commands[0].words if commands else ())
    return found


def _is_line(value: Value) -> bool:
    """Whether a text begins with a flag: else it is no command line."""
    data = value.data
    text = written(data) if isinstance(data, Unknown) else data
    return isinstance(text, str) and (
        len(text) <= _LONGEST and text.lstrip().startswith("-")
    )
