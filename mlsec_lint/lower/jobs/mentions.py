"""Stores that the arguments of a program name, where nobody knows what it does with them.

`./tool --src s3://a/x --to gs://b/y`: a use that is never certain. The name of the flag
may tell the direction; else both are possible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.jobs.arguments import arguments
from mlsec_lint.lower.jobs.fetch_things import state_fetch
from mlsec_lint.lower.jobs.fetches import COMMIT, Fetch
from mlsec_lint.lower.jobs.shell_values import alternatives
from mlsec_lint.lower.jobs.transfers import TOOLS
from mlsec_lint.lower.jobs.weight_words import speaks_of_others, speaks_of_weights
from mlsec_lint.lower.stores import referred_store, written
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlsec_lint.lower.jobs.launch import Launch
    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

#: Programs that show, test or set their words: they reach no store by them.
_QUIET = frozenset(
    {"echo", "printf", "export", "declare", "local", "readonly", "typeset", "read", "test",
     "[", "grep", "egrep", "sed", "awk", "cat", "tee", "ls", "set", "unset", "cd", "true",
     "false", "exit", "return", "kill", "mkdir", "basename", "dirname", "logger", "trap",
     "sleep", "envsubst", "jq", "yq", "terraform", "helm", "kubectl", "pip", "pip3", "conda",
     "docker", "alias", "shift", "eval", "source", "."}
)  # fmt: skip
_TO = frozenset(
    {"out", "output", "outputs", "dst", "dest", "destination", "target", "to", "save",
     "export", "upload", "sink", "outdir", "write", "log", "logs", "logdir", "tensorboard"}
)  # fmt: skip
_FROM = frozenset(
    {"in", "input", "inputs", "src", "source", "from", "load", "data", "dataset",
     "datasets", "tokenizer", "read", "init", "restore", "resume", "model", "train",
     "val", "eval", "prompts"}
)  # fmt: skip
_MOST = 500
_VERBS = ("reads", "writes", "takes data from")
_LONGEST = 20_000
#: A URI as far as it surely goes.
_URI = regex(
    r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s\"'`,;|<>{}\[\]()]+"
)
#: huggingface_hub's file system, 1.1, 2026-11.
_HUB = regex(
    r"hf://(datasets/)?([\w.-]{1,96}/[\w.-]{1,96})(?:@([\w.-]{1,100}))?(?=/|$)"
)


class Mention(NamedTuple):
    """A store among the arguments of a program, and what the flag's name tells."""

    value: Value
    verbs: tuple[str, ...]
    program: str
    span: Span


def mentioned(
    words: Sequence[Value], launch: Launch | None = None, *, accelerator: bool = True
) -> list[Mention]:
    """The URIs of stores among the arguments of a program that is not known.

    Of a program that is started by a known launcher (`launch`), only flags count whose
    names do not speak of logs, results or data, and only where accelerators are asked for.
    """
    if launch is not None and (launch.role in ("serve", "evaluate") or not accelerator):
        return []
    data = words[0].data if words else ""
    name = data.rpartition("/")[2] if isinstance(data, str) else "a program"
    if not words or name in _QUIET or name in TOOLS:
        return []
    found = arguments(words[1:_MOST])
    pairs = [("", word) for word in found.operands]
    for setting in found.settings:
        values = setting.value.elements() or (setting.value,)
        pairs += [(setting.name, value) for value in values]
    return [
        Mention(value, _verbs(flag), name, value.span)
        for flag, whole in pairs[:_MOST]
        for value in _uris(whole)
        if value.span is not None
        and _is_uri(value)
        and (launch is None or not speaks_of_others(flag))
    ]


def in_variables(environment: Mapping[str, Value]) -> list[Mention]:
    """The URIs of stores among the variables that a program is started with."""
    found: list[Mention] = []
    for name, value in environment.items():
        span = value.entry() or value.span
        if span is None or value.sensitive or not _is_uri(value):
            continue
        found.append(Mention(value, _verbs(name), "what it runs", span))
    return found[:_MOST]


def _uris(value: Value) -> list[Value]:
    """The URIs in an argument: itself, or those in a text around them (JSON, pairs)."""
    text = value.data
    if not isinstance(text, str) or _URI.match(text.strip()) or "://" not in text:
        return [value]
    if not text.lstrip().startswith(("{", "[")) and len(text.split(None, 1)) > 1:
        return [value]  # a script, or a sentence
    found = [match[0].rstrip(".,;") for match in _URI.finditer(text[:_LONGEST])]
    return [value.replace(data=one) for one in found[:_MOST]]


def _is_uri(value: Value) -> bool:
    data = value.data
    text = written(data) if isinstance(data, Unknown) else data
    if not isinstance(text, str) or text.startswith("http"):
        return False
    return "://" in text or any(_is_uri(v) for v, _ in alternatives(value))


def _verbs(flag: str) -> tuple[str, ...]:
    """What a flag's name says of the direction; both where it says nothing."""
    parts = set(flag.lower().replace(".", "_").split("_"))
    if parts & _TO:
        return ("writes",)
    return ("reads",) if parts & _FROM else ("reads", "writes")


def state_mentions(scene: Scene, mentions: Sequence[Mention]) -> None:
    """State uses that are not certain, of stores that the workload is not joined to yet."""
    workload = scene.workload
    known = {
        (verb, edge.target.address)
        for verb in _VERBS
        for edge in scene.estate.edges_from(workload, verb)
    }
    for mention in mentions[:_MOST]:
        options = [option for option, _ in alternatives(mention.value)]
        for value in options or [mention.value]:
            _state_hub(scene, value, mention)
            named = referred_store(scene.estate, value, workload.provider)
            asked = mention.verbs if len(mention.verbs) == 1 else _VERBS
            if named is None or any(
                (verb, s.address) in known for s in named.stores for verb in asked
            ):
                continue
            shown = value.span.text.strip("\"'") if value.span is not None else ""
            why = f"what {mention.program} does with {shown} is not known"
            named = named._replace(certain=False, why=named.why or why)
            words = f"{mention.program} is given {shown}"
            for verb in mention.verbs:
                scene.link(named, verb, words, mention.span, None)
            for store in named.stores:
                if speaks_of_weights(shown):
                    store.holds_weights(
                        "named", f"{workload.name} names it", mention.span
                    )


def _state_hub(scene: Scene, value: Value, mention: Mention) -> None:
    """`hf://ORG/NAME[@REVISION]`: what the hub has there may be fetched, or replaced."""
    match = _HUB.match(value.data) if isinstance(value.data, str) else None
    if match is None:
        return
    kind = "dataset" if match[1] else "model"
    owner = scene.workload
    if (
        scene.estate.find("fetch", f"{owner.address}/{kind}/{match[2]}"[:300])
        is not None
    ):
        return
    why = f"what {mention.program} does with {match[0]} is not known"
    fixed = match[3] is not None and COMMIT.fullmatch(match[3]) is not None
    pinned = True if fixed else Unknown("unsupported", why, span=mention.span)
    fetch = Fetch(kind, match[2], mention.span, "huggingface.co", pinned)
    state_fetch(scene.estate, owner, fetch)
