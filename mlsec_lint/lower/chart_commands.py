"""Charts from elsewhere that scripts of the repository install, with a file of values.

`helm upgrade --install NAME REPOSITORY/CHART --namespace SPACE --values FILE`, where the
file lies in the scan. What of the command is not literal makes it say nothing.
"""

from __future__ import annotations

import posixpath
import shlex
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.source import Source, Span
    from mlsec_lint.value import Value

#: So many commands of a scan are followed.
MAX_COMMANDS = 200
_COMMAND = regex(
    r"(?m)^[^#\n]{0,80}?\bhelm[ \t]+(?:install|upgrade)\b(?:[^\n\\]|\\\n|\\.){0,4000}"
)
_VALUED = frozenset({"-n", "--namespace", "-f", "--values"})


class Installed(NamedTuple):
    """A chart that a command installs: its name, the release, and one file of values."""

    chart: str
    name: str
    namespace: str
    values: Value
    span: Span


def installations(inputs: Inputs) -> Iterator[Installed]:
    """Every such command of the scan's scripts, in order."""
    documents = {path: document.value for path, document in inputs.documents}
    count = 0
    for source in inputs.texts:
        if "helm" not in source.text:
            continue
        for match in _COMMAND.finditer(source.text):
            count += 1
            if count > MAX_COMMANDS:
                return
            yield from _installed(source, match[0], documents)


def _installed(
    source: Source, command: str, documents: dict[str, Value]
) -> Iterator[Installed]:
    try:
        words = shlex.split(command.replace("\\\n", " "), comments=True)
    except ValueError:
        return
    plain, flags = _parts(words[words.index("helm") :] if "helm" in words else [])
    names = [word for word in plain[2:] if "/" not in word]
    charts = [word for word in plain[2:] if word.count("/") == 1]
    files = flags.get("-f", []) + flags.get("--values", [])
    spaces = flags.get("-n", []) + flags.get("--namespace", [])
    if len(names) != 1 or len(charts) != 1 or len(files) != 1 or len(spaces) > 1:
        return
    space = spaces[0] if spaces else "default"
    if "$" in space + names[0] + files[0]:
        return
    folder = posixpath.dirname(source.path)
    for place in (posixpath.join(folder, files[0]), files[0]):
        values = documents.get(posixpath.normpath(place))
        if values is not None and values.span is not None:
            chart = charts[0].rpartition("/")[2]
            yield Installed(chart, names[0], space, values, values.span)
            return


def _parts(words: list[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Words that are no flags, and the values of the flags that matter."""
    plain: list[str] = []
    flags: dict[str, list[str]] = {}
    waiting = iter(words)
    for word in waiting:
        flag, equals, text = word.partition("=")
        if flag in _VALUED:
            flags.setdefault(flag, []).append(text if equals else next(waiting, ""))
        elif flag in {"--version", "--timeout", "--set", "--set-string"}:
            if not equals:
                next(waiting, "")
        elif not word.startswith("-"):
            plain.append(word)
    return plain, flags
