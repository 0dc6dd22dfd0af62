"""Commands that carry other commands in their words: `ssh`, `xargs`, `find -exec`, ...

What they carry is given as words, or as the word that holds a script. Nothing is run, and
words that only a run would tell (`{}` of a pipe) are unknown. From the manuals of OpenSSH
10, GNU findutils 4.10, GNU parallel 2025, Slurm 25.05, tmux 3.5 and gcloud, read 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.jobs.shell_values import MAX_OPTIONS, joined
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Words = Sequence[Value]

#: Short options with a value, by program.
_LETTERS = {
    "ssh": "BbcDEeFIiJLlmOopQRSWw",
    "pdsh": "wxlutfgRNM",
    "clush": "wxglfuto",
    **dict.fromkeys(("pssh", "parallel-ssh"), "hHlptoexXO"),
    "xargs": "ILnPsadE",
    "parallel": "jaNnCIPSLsd",
}
#: Long options of GNU parallel and xargs whose value is the next word.
_LONG = frozenset(
    {"--jobs", "--colsep", "--delay", "--joblog", "--retries", "--timeout", "--arg-file",
     "--max-args", "--max-procs", "--replace", "--sshlogin", "--tmpdir", "--results",
     "--halt", "--load", "--memfree", "--delimiter"}
)  # fmt: skip
_MOST = 64


class Carried(NamedTuple):
    """A command as words, or a script in a word."""

    words: Words = ()
    script: Value | None = None


def carried(words: Words) -> list[Carried]:
    """What a command carries; none for one that carries nothing we know."""
    name = _text(words[0]).rpartition("/")[2] if words else ""
    reader = _READERS.get(name)
    return reader(words) if reader is not None else []


def _text(word: Value) -> str:
    return word.data if isinstance(word.data, str) else ""


def _behind_options(words: Words, letters: str) -> Words:
    """The words behind a program's own options."""
    at = 1
    while at < len(words):
        text = _text(words[at])
        if not text.startswith("-") or text == "-":
            break
        if text == "--":
            return words[at + 1 :]
        if text.startswith("--"):
            at += 2 if text in _LONG else 1
            continue
        last = next((n for n, c in enumerate(text[1:], 1) if c in letters), 0)
        at += 2 if last and last == len(text) - 1 else 1
    return words[at:]


def _as_command(words: Words) -> list[Carried]:
    """Words that a remote or inner shell reads: one with blanks in it is a script."""
    if not words:
        return []
    if len(words) == 1 or " " in _known(words[0]):
        return [Carried(script=words[0])]
    return [Carried(words)]


def _known(word: Value) -> str:
    data = word.data
    parts = data.parts if isinstance(data, Unknown) else (data,)
    return "".join(part for part in parts if isinstance(part, str))


def _ssh(words: Words) -> list[Carried]:
    return _as_command(_behind_options(words, _LETTERS["ssh"])[1:])


def _everywhere(words: Words) -> list[Carried]:
    """`pdsh -w HOSTS COMMAND`: the hosts are an option."""
    name = _text(words[0]).rpartition("/")[2]
    return _as_command(_behind_options(words, _LETTERS[name]))


def _by_flag(*flags: str) -> Callable[[Words], list[Carried]]:
    """A script behind one of some flags: `su -c SCRIPT`, `sbatch --wrap=SCRIPT`."""

    def read(words: Words) -> list[Carried]:
        for at, word in enumerate(words[1:_MOST], 1):
            head, equals, rest = _known(word).partition("=")
            if head not in flags:
                continue
            if not equals:
                return [Carried(script=w) for w in words[at + 1 : at + 2]]
            if isinstance(word.data, str):
                return [Carried(script=_cut(word, rest))]
        return []

    return read


def _cut(word: Value, rest: str) -> Value:
    """The end of a word, at its own place where the word was written in one piece."""
    span = word.span
    if span is not None and rest and rest in span.text:
        start = span.start + span.text.index(rest)
        span = type(span)(span.source, start, start + len(rest))
    return Value(rest, span, trail=word.trail)


_gcloud_flag = _by_flag("--command")


def _gcloud(words: Words) -> list[Carried]:
    """`gcloud compute tpus tpu-vm ssh NAME --command=SCRIPT`."""
    verbs = [_text(w) for w in words[1:7]]
    return _gcloud_flag(words) if "ssh" in verbs else []


def _xargs(words: Words) -> list[Carried]:
    inner = _behind_options(words, _LETTERS["xargs"])
    return [Carried(_filled(inner, ()))] if inner else []


def _parallel(words: Words) -> list[Carried]:
    """`parallel COMMAND {} ::: a b`: the command with each of the words in turn."""
    inner = list(_behind_options(words, _LETTERS["parallel"]))
    stop = next((n for n, w in enumerate(inner) if _text(w).startswith(":::")), None)
    listed = inner[stop + 1 :] if stop is not None else []
    command = inner[:stop] if stop is not None else inner
    known = all(isinstance(w.data, str) and w.data[:3] != ":::" for w in listed)
    options = listed if known and len(listed) <= MAX_OPTIONS else []
    if stop is not None and _text(inner[stop]) != ":::":
        options = []
    return _as_command(_filled(command, options))


def _filled(words: Words, options: Words) -> list[Value]:
    """Words with `{}` taken out: each of the options, or what nobody knows."""
    why = "{} is what the command is given, one by one"
    kind, possible = ("each", tuple(options)) if options else ("environment", None)
    unknown = Value(Unknown(kind, why, "{}", possible=possible))
    if len(options) == 1:
        unknown = options[0]
    return [_with(word, unknown) for word in words]


def _with(word: Value, inside: Value) -> Value:
    text = _text(word)
    if "{}" not in text or text.count("{}") > _MOST:
        return word
    parts: list[Value] = []
    for number, piece in enumerate(text.split("{}")):
        if number:
            parts.append(inside.replace(span=word.span))
        if piece:
            parts.append(Value(piece, word.span))
    return joined(parts, word.span)


def _find(words: Words) -> list[Carried]:
    """`find DIR ... -exec COMMAND {} ;`: the command on what lies in the folder."""
    first = next((w for w in words[1:2] if not _text(w).startswith("-")), None)
    found: list[Carried] = []
    for at, word in enumerate(words):
        if _text(word) not in ("-exec", "-execdir", "-ok", "-okdir"):
            continue
        rest = words[at + 1 : at + 1 + _MOST]
        stop = next(
            (n for n, w in enumerate(rest) if _text(w) in (";", "+")), len(rest)
        )
        inner = [first if first and _text(w) == "{}" else w for w in rest[:stop]]
        if inner and len(found) < _MOST:
            found.append(Carried(_filled(inner, ())))
    return found


def _trap(words: Words) -> list[Carried]:
    return [Carried(script=w) for w in words[1:2] if len(words) > 2 and _text(w) != "-"]


def _terminal(words: Words) -> list[Carried]:
    """`tmux new -d SCRIPT`, `tmux send-keys -t X SCRIPT C-m`."""
    return [Carried(script=w) for w in words[1:_MOST] if " " in _known(w).strip()]


_shell_flag = _by_flag("-c", "--command", "-lc", "-ec")
_READERS: dict[str, Callable[[Words], list[Carried]]] = {
    "ssh": _ssh,
    "sshpass": lambda words: [Carried(words[at:]) for at in _at(words, "ssh")],
    **dict.fromkeys(("pdsh", "clush", "pssh", "parallel-ssh"), _everywhere),
    "gcloud": _gcloud,
    "sbatch": _by_flag("--wrap"),
    **dict.fromkeys(("su", "runuser", "sg", "script", "flock"), _shell_flag),
    "xargs": _xargs,
    "parallel": _parallel,
    "find": _find,
    "trap": _trap,
    "tmux": _terminal,
}


def _at(words: Words, name: str) -> list[int]:
    """Where a program stands among the first words."""
    return [n for n, w in enumerate(words[:_MOST]) if n and _text(w) == name][:1]
