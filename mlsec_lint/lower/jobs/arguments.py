"""Words of a command line, and the keys of a config, as named settings.

`--push_to_hub`, `--push-to-hub=true`, `push_to_hub=True` and a YAML key of that name are
the same setting. Knows no program.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.parse.placeholder import placeholder
from mlsec_lint.patterns import regex
from mlsec_lint.source import Span
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FLAG = regex(r"--?([A-Za-z][A-Za-z0-9_.:-]*)(=)?", re.DOTALL)
_OVERRIDE = regex(r"[+~]{0,2}([A-Za-z_][A-Za-z0-9_.@/-]*)=", re.DOTALL)
_TRUE = frozenset({"true", "1", "yes", "on", "y", "t"})
_FALSE = frozenset({"false", "0", "no", "off", "n", "f"})
_MAX_SETTINGS = 20_000


class Setting(NamedTuple):
    """A named setting.

    * `name`: dotted, with `_` for `-`, as far as it goes (`trainer.default_local_dir`);
    * `value`: what it is set to; `Value(True)` for a bare flag;
    * `span`: the token or entry to point at;
    * `bare`: a flag without a value behind `=`; a following word may or may not be its.
    """

    name: str
    value: Value
    span: Span
    bare: bool = False

    @property
    def last(self) -> str:
        """The last part of the dotted name."""
        return self.name.rpartition(".")[2]


class Arguments(NamedTuple):
    """A command line taken apart: words that are no flags, and settings in order."""

    operands: list[Value]
    settings: list[Setting]


def arguments(
    words: Sequence[Value], switches: frozenset[str] = frozenset()
) -> Arguments:
    """Take the words behind a program's name apart.

    A word behind a flag is taken as the flag's value, unless the flag is one of
    `switches` (names with `_`), which take none.
    """
    operands: list[Value] = []
    settings: list[Setting] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        head = _head(word)
        flag = _FLAG.match(head)
        if flag is not None and (flag[2] or flag.end() == len(head)):
            name = flag[1].replace("-", "_")
            if flag[2]:
                settings.append(_setting(name, _after(word, flag.end()), word))
                continue
            follows = words[at] if at < len(words) else None
            if follows is None or name in switches or _is_flag(follows):
                on = Value(data=True, span=word.span)
                settings.append(_setting(name, on, word, bare=True))
                continue
            settings.append(_setting(name, follows, word, bare=True))
            at += 1
            at = _more_values(words, at, name, settings)
            continue
        override = _OVERRIDE.match(head)
        if override is not None and not head.startswith(("http", "/")):
            name = override[1].replace("-", "_")
            settings.append(_setting(name, _after(word, override.end()), word))
        else:
            operands.append(word)
    return Arguments(operands, settings)


def _more_values(
    words: Sequence[Value], at: int, name: str, settings: list[Setting]
) -> int:
    """`--report_to wandb tensorboard`: more words of a list stay with their flag."""
    if name in ("report_to", "logger", "loggers"):
        while at < len(words) and not _is_flag(words[at]):
            settings.append(_setting(name, words[at], words[at]))
            at += 1
    return at


def _setting(name: str, value: Value, word: Value, *, bare: bool = False) -> Setting:
    span = word.span
    if bare and span is not None and value.span is not None and value is not word:
        span = span.to(value.span) if "\n" not in span.to(value.span).text else span
    assert span is not None
    return Setting(name, _settled(value), span, bare)


def _settled(value: Value) -> Value:
    """A value that somebody fills in later is unknown, those in a list too."""
    if value.elements():
        return value.replace(data=tuple(_settled(e) for e in value.elements()))
    unknown = placeholder(value)
    if unknown is None or unknown is value.data:
        return value
    return value.replace(data=unknown)


def _head(word: Value) -> str:
    """The known beginning of a word."""
    data = word.data
    if isinstance(data, Unknown):
        data = data.parts[0] if data.parts else ""
    return data if isinstance(data, str) else ""


def _is_flag(word: Value) -> bool:
    head = _head(word)
    flag = _FLAG.match(head)
    if flag is not None and flag.end() <= len(head):
        return len(head) > 1 and not re.match(r"-\d", head)
    return _OVERRIDE.match(head) is not None and "://" not in head.partition("=")[0]


def _after(word: Value, cut: int) -> Value:
    """What stands behind `--name=`, with its own position where that is known."""
    span = word.span
    if span is not None:
        start = span.text.find("=")
        if start >= 0:
            span = Span(span.source, span.start + start + 1, span.end)
    data = word.data
    if isinstance(data, Unknown):
        rest = (data.parts[0][cut:], *data.parts[1:]) if data.parts else ()
        parts = tuple(p for p in rest if p != "")
        if len(parts) == 1 and isinstance(parts[0], Unknown):
            return Value(parts[0], span, trail=word.trail)
        return Value(data._replace(parts=parts), span, trail=word.trail)
    return Value(str(data)[cut:], span, trail=word.trail)


def flatten(value: Value) -> list[Setting]:
    """The settings of a config: dotted names; lists of scalars stay whole.

    Mappings inside lists lose their index (`datasets.path`). Bounded.
    """
    return list(_flatten(value))


def _flatten(root: Value) -> Iterator[Setting]:
    stack: list[tuple[str, Value]] = [("", root)]
    count = 0
    while stack and count < _MAX_SETTINGS:
        name, value = stack.pop()
        count += 1
        if isinstance(value.data, dict) and value.data:
            children = [
                (f"{name}.{key}" if name else key, child)
                for key, child in value.items()
                if not key.startswith("{{")
            ]
            stack.extend(reversed(children))
            continue
        if value.elements() and any(isinstance(e.data, dict) for e in value.elements()):
            stack.extend((name, child) for child in reversed(value.elements()))
            continue
        span = value.entry()
        if name and span is not None:
            yield Setting(name.replace("-", "_"), _settled(value), span)


def truth(value: Value) -> bool | Unknown | None:
    """True or False as command lines and configs write it; None for anything else."""
    data = value.data
    if isinstance(data, bool | Unknown):
        return data
    if isinstance(data, str):
        text = data.strip().lower()
        if text in _TRUE:
            return True
        if text in _FALSE:
            return False
    return None


def flag_truth(setting: Setting) -> bool | Unknown:
    """Whether a flag is on: a bare flag is, unless the word behind it says otherwise.

    A word that nobody can tell may say so: `--push_to_hub $PUSH` is undecided.
    """
    found = truth(setting.value)
    if found is not None:
        return found
    if setting.bare:
        return True
    text = setting.value.text()
    return isinstance(text, str) and bool(text.strip())
