"""What a container serves: ML dashboards and model servers, and their own logins.

Told by image and command line (policies/data/ml_surfaces.json), never by a port alone:
half of all programs answer on 8080.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.tables import document
from mlsec_lint.lower.jobs.argument_variables import argument_variables
from mlsec_lint.lower.kubernetes.network.rules import elements
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.kubernetes.workload import Pod
    from mlsec_lint.value import Value

_NAME = regex(r"[A-Z][A-Z0-9_]*(?:=.*)?\Z", re.DOTALL)
_LONGEST = 20_000
#: A variable of the container as the kubelet fills it in.
_REFERENCE = re.compile(r"\$\(([A-Za-z_][A-Za-z0-9_.-]{0,200})\)")


class Gate(NamedTuple):
    """One protocol of a server: its port, and the flag that names APIs behind a key.

    `guards`: the API that answers queries; `off`: the word that closes the protocol.
    """

    port: int
    port_flag: str
    flag: str
    guards: str
    off: str


class Surface(NamedTuple):
    """One row: what answers, on which ports (none: on any), with which logins.

    * `kind`: dashboard (a person acts by it) or model (queries are answered by it);
    * `gates`: the protocols of a server that has a login for single APIs;
    * `since`: the first version that has the default of `token`; `config` and
      `config_flag`: the file, and the flag that names another, that may end it.
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
    gates: tuple[Gate, ...] = ()
    since: str = ""
    config: str = ""
    config_flag: str = ""


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
            tuple(Gate(**gate) for gate in row.get("gates", ())),
            row.get("since", ""),
            row.get("config", ""),
            row.get("config_flag", ""),
        )
        for row in document("ml_surfaces.json")["rows"]
    )


class Program(NamedTuple):
    """A container as far as surfaces go: image, command line, environment.

    `unread`: why there may be more arguments or variables; `mounts`: where volumes lie.
    """

    image: str
    line: str
    environment: dict[str, str]
    unread: Unknown | None
    mounts: tuple[str, ...] = ()


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
    environment, more = _environment(container)
    pieces += [environment[n] for n in argument_variables() if n in environment]
    line = " ".join(pieces)[:_LONGEST].replace("'", "").replace('"', "")
    line = _REFERENCE.sub(lambda m: environment.get(m[1], m[0]), line)
    image = text_of(given(container, "image")).lower()
    mounts = elements(given(container, "volumeMounts"))
    paths = tuple(text_of(given(mount, "mountPath")) for mount in mounts)
    unread = unread if unread is not None else more
    return Program(image, line, environment, unread, paths)


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


def fits(row: Surface, program: Program, number: int | None) -> bool:
    """Whether a row answers on a port; on one that is not known, it may."""
    if not row.ports or number is None or number in row.ports:
        return True
    return any(_port(gate, program) == number for gate in row.gates)


def own_login(row: Surface, program: Program, number: int | None = None) -> Truth:
    """Whether the program itself asks who is there, on one of its ports or on all."""
    if any(_switched(word, program) for word in row.off):
        return False
    if any(_switched(word, program) for word in row.on):
        return True
    if row.gates:
        return _guarded(row, program, number)
    if program.unread is not None:
        return program.unread
    return _by_version(row, program) if row.since and row.token else row.token


def _guarded(row: Surface, program: Program, number: int | None) -> Truth:
    """Whether the API that answers queries is behind a key, by the port's protocol."""
    gates = [gate for gate in row.gates if not _switched(gate.off, program)]
    meant = [gate for gate in gates if _port(gate, program) == number] or gates
    keyed = [_names(gate, program) for gate in meant]
    if keyed and all(keyed):
        return True
    if program.unread is not None:
        return program.unread
    if any(keyed):
        why = f"{row.name} asks for a key in one of its protocols; which one is behind the port is not known"
        return Unknown("unsupported", why)
    return False


def _port(gate: Gate, program: Program) -> int:
    """The port of a protocol: its flag's, else the usual one."""
    said = _value(gate.port_flag, program)
    return (
        int(said[-1])
        if said and said[-1].isascii() and said[-1].isdigit()
        else gate.port
    )


def _names(gate: Gate, program: Program) -> bool:
    """Whether a flag `APIS:KEY=VALUE` names the API that answers queries."""
    return any(
        gate.guards in value.partition(":")[0].split(",")
        for value in _value(gate.flag, program)
    )


def _value(flag: str, program: Program) -> list[str]:
    """The values of a flag in a command line, in order."""
    found = re.findall(re.escape(flag) + r"[=\s](\S{1,200})", program.line)
    return [str(value) for value in found]


def _by_version(row: Surface, program: Program) -> Truth:
    """A login that newer versions have by default, and that a config file may end."""
    known = any(word in program.image for word in row.images)
    tag = program.image.partition("@")[0].rpartition("/")[2].partition(":")[2]
    version = re.match(r"v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?", tag)
    if known and version is not None:
        numbers = tuple(int(part or 0) for part in version.groups())
        if numbers < tuple(int(part) for part in row.since.split(".")):
            return False
    elif not known or not (
        tag.startswith("latest") or (not tag and "@" not in program.image)
    ):
        why = f"which version of {row.name} the image holds is not known: it asks for a token since {row.since}"
        return Unknown("unsupported", why)
    other = _switched(row.config_flag, program) or any(
        path and f"{row.config}/".startswith(path.rstrip("/") + "/")
        for path in program.mounts
    )
    if other:
        why = (
            f"whether the config file of {row.name} switches its login off is not read"
        )
        return Unknown("unsupported", why)
    return row.token


def _switched(word: str, program: Program) -> bool:
    """Whether a word of the command line, or a variable, is set."""
    if _NAME.match(word):
        name, equals, value = word.partition("=")
        set_to = program.environment.get(name)
        return set_to is not None and (not equals or set_to == value)
    ends = r"(?:\s|\Z)" if word.endswith("=") else r"(?:[\s=]|\Z)"
    return re.search(re.escape(word) + ends, program.line) is not None
