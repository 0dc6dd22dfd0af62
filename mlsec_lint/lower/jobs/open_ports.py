"""Ports that a job file opens: what answers behind them, and whether it asks for a login.

The programs are told by the image and by the lines of the job's own scripts, as those
of containers are (policies/data/ml_surfaces.json).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.lower.kubernetes.exposure.surfaces import (
    Program,
    fits,
    own_login,
    surfaces,
)
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mlsec_lint.estate import Estate
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.kubernetes.exposure.surfaces import Surface
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

_LONGEST = 20_000
_COMMENT = regex(r"^\s*#.*$", re.MULTILINE)
#: Ray's dashboard listens on 127.0.0.1 unless it is told otherwise (Ray 2.52).
_RAY = ("Ray dashboard and job API", 8265, "--dashboard-host")


class Opened(NamedTuple):
    """Ports of a job that others reach, as its file says it.

    * `numbers`: the ports; none for a single endpoint whose port does not matter;
    * `reach`: from where: `internet`, `network`, ..., or why nobody can tell;
    * `login`: whether somebody asks who is there, before the program does;
    * `default`: whose default the reach is.
    """

    numbers: Sequence[int]
    reach: str | Unknown
    login: Truth
    span: Span
    default: str = ""


def state_opened(
    estate: Estate,
    workload: Thing,
    opened: Opened,
    scripts: Iterable[Value | None],
    environment: Mapping[str, Value],
    image: str = "",
) -> None:
    """State a service for each surface behind the open ports; one where none is known.

    `image`: the image that runs there, "" where it is not known or only a base.
    """
    program = _program(scripts, environment)._replace(image=image.lower())
    rows = [row for row in surfaces() if _runs(row, program, opened.numbers)]
    if not rows:
        thing = _service(estate, workload, opened)
        if opened.login is not False:
            thing.state("authenticated", opened.login, opened.span)
        return
    for row in rows:
        thing = _service(estate, workload, opened)
        asked = _asked(opened.login, row, program, opened.numbers)
        thing.state("authenticated", asked, opened.span)
        thing.state("surface", row.kind, opened.span)
        thing.state("surface.name", row.name, opened.span)
        answers = _anonymous(opened.reach, asked)
        thing.state("anonymous.from", answers, opened.span)


def _service(estate: Estate, workload: Thing, opened: Opened) -> Thing:
    address = estate.free("service", f"{workload.address}/ports")
    name = f"open ports of {workload.name}"
    thing = Thing(
        "service", address, name, opened.span, workload.provider, workload.root
    )
    estate.add(thing)
    default = opened.default
    thing.state("exposure", opened.reach, opened.span, default=default)
    estate.link(thing, "exposes", workload, opened.span)
    return thing


def _program(
    scripts: Iterable[Value | None], environment: Mapping[str, Value]
) -> Program:
    """All that a job runs, as one command line."""
    line = _COMMENT.sub("", "\n".join(_lines(scripts)))[:_LONGEST]
    line = line.replace("'", "").replace('"', "").replace("\\\n", " ")
    known: dict[str, str] = {}
    for name, value in environment.items():
        text = value.text()
        known[name] = text.strip() if isinstance(text, str) else "?"
    return Program("", line, known, None)


def _lines(scripts: Iterable[Value | None]) -> Iterator[str]:
    for script in scripts:
        for value in (script.elements() or (script,)) if script is not None else ():
            data = value.data
            parts = data.parts if isinstance(data, Unknown) else (data,)
            yield "".join(part for part in parts if isinstance(part, str))


def _runs(row: Surface, program: Program, numbers: Sequence[int]) -> bool:
    said = any(word in program.image for word in row.images) or any(
        re.search(r"(?<![\w-])" + re.escape(phrase), program.line)
        for phrase in row.phrases
    )
    if not said or (numbers and not any(fits(row, program, n) for n in numbers)):
        return False
    name, port, flag = _RAY
    inside = row.name == name and flag not in program.line
    return not (inside and [n for n in numbers if n in row.ports] == [port])


def _asked(
    before: Truth, row: Surface, program: Program, numbers: Sequence[int]
) -> Truth:
    own = own_login(row, program, next((n for n in numbers if n in row.ports), None))
    if before is True or own is True:
        return True
    return before if isinstance(before, Unknown) else own


def _anonymous(reach: str | Unknown, asked: Truth) -> str | Unknown:
    if asked is True:
        return "nobody"
    return asked if isinstance(asked, Unknown) else reach
