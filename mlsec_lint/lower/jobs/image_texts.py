"""Texts with references to variables, filled in as far as the variables are known.

`${{ env.X }}` and `${{ matrix.x }}` of GitHub, `$X`, `${X}`, `${X:-default}`, and
`$(X)` of make. What is not known stays, as `${name}`; a default counts as known, since
all that is asked is where an image may go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.image_commands import TOOLS
from mlsec_lint.lower.jobs.shell import read_script
from mlsec_lint.lower.stores import written
from mlsec_lint.patterns import regex
from mlsec_lint.source import Source, Span
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping

_VARIABLE = regex(
    r"\$\{\{[ \t]*(?P<expression>[^{}\n]{0,200}?)[ \t]*\}\}"
    r"|\$\{(?P<braced>[A-Za-z_][\w.-]{0,100})(?::?-(?P<default>[^{}\n]{0,200}))?\}"
    r"|\$\((?P<make>[A-Za-z_][\w.-]{0,100})\)"
    r"|\$(?P<plain>[A-Za-z_]\w{0,100})"
)
_MAX_TEXT = 20_000
_MAX_DEPTH = 5


def filled(text: str, known: Mapping[str, str], depth: int = 0) -> str:
    """The text with known variables put in; others in one form, `${name}`."""
    if "$" not in text or len(text) > _MAX_TEXT or depth > _MAX_DEPTH:
        return text

    def one(match: re.Match[str]) -> str:
        name = next(
            (n for n in (match[1], match[2], match[4], match[5]) if n is not None), ""
        )
        value = known.get(name)
        if value is None and match["default"] is not None:
            value = match["default"]
        if value is None or value == f"${{{name}}}":
            return f"${{{name}}}"
        return filled(value, known, depth + 1)[:_MAX_TEXT]

    found = _VARIABLE.sub(one, text)
    return found if len(found) <= _MAX_TEXT else text


def raw(value: Value | None) -> str:
    """A scalar as it is written, expressions in it included; "" for anything else."""
    if value is None:
        return ""
    data = value.data
    if isinstance(data, str):
        return data
    if isinstance(data, Unknown):
        parts = data.parts or (data,)
        return "".join(p if isinstance(p, str) else p.name or "${}" for p in parts)
    text = value.text()
    return text if isinstance(text, str) else ""


def commands(
    source: Source, known: dict[str, str]
) -> Iterator[tuple[list[str], Span, list[str]]]:
    """The commands of a shell text as words, each with its span and the folders `cd`ed to.

    Variables that the script sets are in `known` afterwards.
    """
    environment = {
        name: Value(text, Span(source, 0, 0)) for name, text in known.items()
    }
    script = read_script(source, environment)
    moved: list[str] = []
    for command in script.commands:
        words = [_word(word) for word in command.words]
        if words[:1] in (["cd"], ["pushd"]) and len(words) > 1:
            moved = [*moved, words[1]][-8:]
        elif words[:1] == ["popd"]:
            moved = moved[:-1]
        if command.span is not None:
            yield words, command.span, moved
    for name, value in script.variables.items():
        text = _word(value)
        if len(text) <= _MAX_TEXT:
            known[name] = text


def _word(word: Value) -> str:
    if isinstance(word.data, str):
        return word.data
    unknown = word.data
    if not isinstance(unknown, Unknown):
        return ""
    likely = unknown.possible
    if likely and isinstance(likely[-1].data, str):
        return likely[-1].data
    return written(unknown)


# -- make -----------------------------------------------------------------------

_ASSIGNS = regex(
    r"^(?:export[ ]+|override[ ]+)?([A-Za-z_][\w.-]{0,100})[ \t]*(?:::?|\?|\+)?=[ \t]*(.*)$"
)
_MAX_LINES = 20_000
#: Characters of all recipes of one file, their variables put in.
_MAX_RECIPES = 300_000


def is_makefile(path: str) -> bool:
    """Whether a file is make's, by its name."""
    name = path.rpartition("/")[2]
    return name in {"Makefile", "makefile", "GNUmakefile"} or name.endswith(".mk")


def make_recipes(source: Source) -> Iterator[tuple[Source, Span]]:
    """The lines of all recipes with make's variables put in, and where each stands."""
    known: dict[str, str] = {}
    lines = list(_logical(source))
    for text, _ in lines:
        match = None if text.startswith("\t") else _ASSIGNS.match(text)
        if match is not None:
            known.setdefault(match[1], match[2].partition(" #")[0].strip())
    left = _MAX_RECIPES
    done = {name: filled(text, known) for name, text in known.items()}
    for text, span in lines:
        if text.startswith("\t") and TOOLS.search(text) is not None:
            made = filled(text.lstrip("\t@-+ ").replace("$$", "\0"), done, _MAX_DEPTH)
            made = made.replace("\0", "$")
            left -= len(made)
            if left < 0:
                return
            yield Source(source.path, made), span


def _logical(source: Source) -> Iterator[tuple[str, Span]]:
    """Lines; one that ends in a backslash goes on in the next."""
    at = 0
    open_at, text = 0, ""
    for number, line in enumerate(source.text.split("\n")):
        if number >= _MAX_LINES:
            return
        start, at = at, at + len(line) + 1
        if not text:
            open_at = start
        bare = line.rstrip("\r")
        if bare.endswith("\\") and len(text) < _MAX_TEXT:
            text += bare[:-1] + " "
            continue
        first = source.text.find("\n", open_at)
        end = first if 0 <= first < start + len(bare) else start + len(bare)
        yield text + bare, Span(source, open_at, end)
        text = ""
