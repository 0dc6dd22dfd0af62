"""Shell files that a script sources (`source env.sh`): found among the texts of the scan.

Only files that were read anyway count, so nothing outside the folder can be meant.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.shell import read_script
from mlsec_lint.parse.placeholder import placeholder
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.source import Source

_MAX_UP = 16
_LONG = 100_000
_MOST = 8
#: Names of files that set variables for others: `.env`, `env_vars`, `set-env.sh`.
_SETTINGS = regex(
    r"\.?env(?:s|rc|ironment)?(?:[._-]?(?:vars?|config|conf))?(?:\.(?:sh|bash|conf|env))?"
    r"|(?:set|setup|init)[._-]?env(?:[._-]?vars?)?(?:\.sh|\.bash)?"
    r"|[A-Za-z0-9_-]{1,60}\.env"
)


class Scripts:
    """The texts of a scan by path."""

    def __init__(self, texts: Iterable[Source]) -> None:
        self._texts = {source.path: source for source in texts}
        self._settings: dict[str, list[Source]] = {}
        for path, source in self._texts.items():
            if (
                _SETTINGS.fullmatch(posixpath.basename(path))
                and len(source.text) < _LONG
            ):
                self._settings.setdefault(posixpath.dirname(path), []).append(source)
        self._likely: dict[str, dict[str, Value]] = {}

    def find(self, word: Value, near: str) -> Source | None:
        """The text that a sourced path means; None where none of the scan is meant.

        A relative path is tried beside the script that names it, then from each folder
        above: jobs are started from the top of a repository as often as from its parts.
        A path behind one unknown (`$(dirname "$0")/env.sh`) is tried beside it only.
        """
        folder = posixpath.dirname(near)
        path, tries = _relative(word)
        for _ in range(tries):
            found = self._texts.get(posixpath.normpath(posixpath.join(folder, path)))
            if found is not None or not folder:
                return found
            folder = posixpath.dirname(folder)
        return None

    def likely(self, near: str) -> dict[str, Value]:
        """Variables that files of settings in the folder of a script set, as likely values.

        `env_vars`, `.env`, `set-env.sh`: whoever starts the script has sourced them, or
        has not, so no value is certain. One that two files set differently has both.
        """
        folder = posixpath.dirname(near)
        if folder not in self._likely:
            found: dict[str, list[Value]] = {}
            for source in self._settings.get(folder, ())[:_MOST]:
                if source.path != near:
                    for name, value in read_script(source).variables.items():
                        found.setdefault(name, []).append(value)
            self._likely[folder] = {n: _perhaps(n, v) for n, v in found.items()}
        return self._likely[folder]


def _perhaps(name: str, values: list[Value]) -> Value:
    last = values[-1]
    known = all(isinstance(v.data, str) and placeholder(v) is None for v in values)
    path = last.span.path if last.span is not None else "a file"
    why = f"${name} is set where the script is started; {path} sets it"
    possible = tuple(values) if known else None
    unknown = Unknown("environment", why, name, possible=possible, span=last.span)
    return Value(unknown, last.span, trail=last.trail)


def _relative(word: Value) -> tuple[str, int]:
    """A relative path and how many folders to try it from; 0 for any other word."""
    data = word.data
    if isinstance(data, str):
        plain = data and not data.startswith(("/", "~", "-")) and len(data) < 1_000
        return (data, _MAX_UP) if plain else ("", 0)
    if isinstance(data, Unknown) and len(data.parts) == 2:
        head, tail = data.parts
        if isinstance(head, Unknown) and isinstance(tail, str) and tail[:1] == "/":
            return tail.lstrip("/"), 1
    return "", 0
