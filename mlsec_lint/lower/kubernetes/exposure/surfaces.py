"""What a container serves: ML dashboards and model servers, and their own logins.

Told by image and command line (policies/data/ml_surfaces.json), never by a port alone:
half of all programs answer on 8080.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.tables import document
from mlsec_lint.lower.kubernetes.network.rules import elements
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.kubernetes.workload import Pod
    from mlsec_lint.value import Value

_NAME = re.compile(r"[A-Z][A-Z0-9_]*(?:=.*)?\Z", re.DOTALL)
_LONGEST = 20_000


class Surface(NamedTuple):
    """One row: what answers, on which ports (none: on any), with which logins.

    `kind`: dashboard (a person acts by it) or model (queries are answered by it).
    """

    name: str
    kind: str
    images: tuple[str, ...]
    phrases: tuple[str, ...]
    kinds: tuple[str, ...]
    ports: tuple[int, ...]
    token: bool
    on: tuple[str, ...]
    off: tuple[str, ...]


@cache
def surfaces() -> tuple[Surface, ...]:
    """The rows of policies/data/ml_surfaces.json."""
    return tuple(
        Surface(
            row["name"],
            row["kind"],
            tuple(row["images"]),
            tuple(row["phrases"]),
            tuple(row.get("kinds", ())),
            tuple(row["ports"]),
            row["auth"] == "token",
            tuple(row["on"]),
            tuple(row["off"]),
        )
        for row in document("ml_surfaces.json")["rows"]
    )


class Program(NamedTuple):
    """A container as far as surfaces go: image, command line, environment.

    `unread`: why there may be more arguments or variables.
    """

    image: str
    line: str
    environment: dict[str, str]
    unread: Unknown | None


def program_of(container: Value) -> Program:
    """Image, command line (quotes left out) and environment of a container."""
    pieces: list[str] = []
    unread: Unknown | None = None
    for name in ("command", "args"):
        value = given(container, name)
        if value is None:
            continue
        if isinstance(value.data, Unknown):
            unread = value.data
        for element in elements(value):
            text = element.text()
            if isinstance(text, Unknown):
                unread = text if text.kind == "template" and not text.parts else unread
                pieces.extend(part for part in text.parts if isinstance(part, str))
            elif text:
                pieces.append(text)
    line = " ".join(pieces)[:_LONGEST].replace("'", "").replace('"', "")
    environment, more = _environment(container)
    image = text_of(given(container, "image")).lower()
    return Program(image, line, environment, unread if unread is not None else more)


def _environment(container: Value) -> tuple[dict[str, str], Unknown | None]:
    found: dict[str, str] = {}
    listed = given(container, "env")
    more = listed.unknown if listed is not None else None
    for element in elements(listed):
        name = text_of(given(element, "name"))
        value = given(element, "value")
        text = settled(value).text() if value is not None else "?"
        found[name] = text.strip() if isinstance(text, str) else "?"
    return found, more


def found_in(pod: Pod, program: Program) -> list[Surface]:
    """The rows that a container is of."""
    head = pod.template.label in ("head", "ray-head") or pod.template.label.isdigit()
    found = []
    for row in surfaces():
        ray = pod.manifest.kind in row.kinds and head
        if (
            ray
            or any(word in program.image for word in row.images)
            or any(_says(program.line, phrase) for phrase in row.phrases)
        ):
            found.append(row)
    return found


def _says(line: str, phrase: str) -> bool:
    """Whether a phrase stands in a command line, at the start of a word."""
    at = line.find(phrase)
    while at >= 0:
        if at == 0 or not (line[at - 1].isalnum() or line[at - 1] in "_-"):
            return True
        at = line.find(phrase, at + 1)
    return False


def own_login(row: Surface, program: Program) -> Truth:
    """Whether the program itself asks who is there."""
    if any(_switched(word, program) for word in row.off):
        return False
    if any(_switched(word, program) for word in row.on):
        return True
    if program.unread is not None:
        return program.unread
    return row.token


def _switched(word: str, program: Program) -> bool:
    """Whether a word of the command line, or a variable, is set."""
    if _NAME.match(word):
        name, equals, value = word.partition("=")
        set_to = program.environment.get(name)
        return set_to is not None and (not equals or set_to == value)
    ends = r"(?:\s|\Z)" if word.endswith("=") else r"(?:[\s=]|\Z)"
    return re.search(re.escape(word) + ends, program.line) is not None
