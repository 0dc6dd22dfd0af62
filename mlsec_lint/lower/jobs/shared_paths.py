"""What one script sends and another one wrote: absolute paths of the file system they share.

Batch jobs of a cluster hand their work on by paths alone: one saves a checkpoint under
/lustre/runs, the next one copies that folder to a host. Neither file says more.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.node_paths import lies_in, normal_path
from mlsec_lint.patterns import regex
from mlsec_lint.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.source import Source

#: Whose scripts run on machines with a common file system.
_FORMS = frozenset({"sbatch", "shell"})
#: Folders that each machine, job or image has for itself.
_OWN = (
    "/tmp",  # noqa: S108
    "/var",
    "/dev",
    "/run",
    "/root",
    "/app",
    "/workspace",
    "/content",
    "/opt",
)
#: So many stores of weights are joined to one upload.
MAX_FOUND = 8
#: So many lines of a script are looked through for paths.
MAX_LINES = 5_000
#: So many characters belong to one command at most.
MAX_COMMAND = 20_000
#: Programs that make weights of weights, by their names (llama.cpp, Megatron-LM, NeMo,
#: transformers, PEFT and AutoAWQ call theirs so; read 2026-11).
_CONVERTER = regex(
    r"(?<![\w.-])[\w./-]{0,200}?(?:convert|export|merge|consolidate|quantiz|reshard"
    r"|gguf|zero_to_fp32|to_hf|hf_to|average_checkpoints)[\w./-]{0,200}",
    re.IGNORECASE,
)
_NO_WEIGHTS = regex(
    r"metric|log|eval|report|stat|data|token|config|curve", re.IGNORECASE
)
_OUTPUT = regex(
    r"(?:^|\s)(?:-o|--?(?:out|output|outfile|save|dst|dest|target|export)[\w-]{0,40})"
    r"[ =]+[\"']?(/[\w.@+/-]{1,400})"
)
_PATH = regex(r"(?<![\w./-])/[\w.@+/-]{2,400}")
#: Commands that name a path and carry nothing of what lies there on.
_NO_READERS = frozenset(
    {"cd", "chmod", "chown", "du", "echo", "ls", "mkdir", "rm", "stat", "test", "touch"}
)
#: A path of fewer parts (`/out`) may be another one in each job.
_PARTS = 2


class _Kept(NamedTuple):
    path: str
    store: Thing
    writer: Thing


def lower_shared_paths(inputs: Inputs, estate: Estate) -> None:
    """Give uploads of local paths the stores of other scripts' weights as their source."""
    del inputs
    kept = sorted(_kept(estate), key=lambda one: (one.path, one.store.address))
    paths = [one.path for one in kept]
    named = {one.path: one for one in reversed(kept)}
    for upload in list(estate.of("upload")) if kept else ():
        stated = upload.fact("source.path")
        if stated is None or not isinstance(stated.value, str):
            continue
        for edge in estate.edges_to(upload, "sends"):
            if edge.source.kind == "workload" and edge.source.provider in _FORMS:
                path = normal_path(stated.value)
                found = list(islice(_under(path, kept, paths), MAX_FOUND))
                for one in found:
                    _join(estate, edge.source, upload, one, stated.span)
                if not found:
                    _made_of(estate, edge.source, upload, named, path, stated.span)


def _made_of(
    estate: Estate,
    sender: Thing,
    upload: Thing,
    named: dict[str, _Kept],
    path: str,
    span: Span,
) -> None:
    """Weights that the sender's commands name: what it sends may be made of them."""
    for one, where, command in islice(_mentions(sender.span.source, named), MAX_FOUND):
        if one.writer is sender or _doubt(sender, one.writer):
            continue
        words = f"names {one.path}, to which {one.writer.name} writes weights"
        estate.link(sender, "reads", one.store, where, words)
        sure = _converts(command, path)
        why = "" if sure else f"{path} may be made of what lies in {one.path}"
        estate.link(upload, "takes from", one.store, span, certain=sure, why=why)
        sender.holds_weights("referenced", f"it {words}", where)
        if sure:
            made = f"{path} is made of the weights in {one.path}"
            upload.state("carries", "weights", span)
            upload.holds_weights("referenced", made, where)


def _converts(command: str, path: str) -> bool:
    """Whether a command turns weights into others at a path, or into a folder above it.

    Its program says that it converts, and a flag for output names the path.
    """
    program = _CONVERTER.search(command)
    if program is None or _NO_WEIGHTS.search(program[0]) is not None:
        return False
    outputs = [normal_path(match[1]) for match in _OUTPUT.finditer(command)]
    return any(lies_in(path, one) or lies_in(one, path) for one in outputs)


def _mentions(
    source: Source, named: dict[str, _Kept]
) -> Iterator[tuple[_Kept, Span, str]]:
    """Paths of weights in the commands of a script that read something, each once."""
    seen: set[str] = set()
    for start, text in _commands(source.text):
        command = text.strip().partition(" ")[0]
        if not command.startswith("#") and command not in _NO_READERS:
            for match in _PATH.finditer(text):
                one = named.get(match[0].rstrip("/"))
                if one is not None and one.path not in seen:
                    seen.add(one.path)
                    where = Span(source, start + match.start(), start + match.end())
                    yield one, where, text


def _commands(text: str) -> Iterator[tuple[int, str]]:
    """Lines with those that go on after a backslash, and where each begins."""
    begin = at = 0
    for line in text.splitlines(keepends=True)[:MAX_LINES]:
        at += len(line)
        if not line.rstrip("\r\n").endswith("\\") or at - begin > MAX_COMMAND:
            yield begin, text[begin:at]
            begin = at
    if begin < at:
        yield begin, text[begin:at]


def is_shared(path: str) -> bool:
    """Whether a path may lie on a file system that machines have in common."""
    normal = normal_path(path)
    if not normal.startswith("/") or len(normal.split("/")) <= _PARTS:
        return False
    return not any(lies_in(normal, own) for own in _OWN)


def _kept(estate: Estate) -> Iterator[_Kept]:
    """Local paths that scripts write weights to."""
    for store in estate.of("store"):
        stated = store.fact("path")
        if stated is None or not isinstance(stated.value, str):
            continue
        if not is_shared(stated.value):
            continue
        for edge in estate.edges_to(store, "writes"):
            if edge.source.kind == "workload" and edge.source.provider in _FORMS:
                yield _Kept(normal_path(stated.value), store, edge.source)
                break


def _under(path: str, kept: list[_Kept], paths: list[str]) -> Iterator[_Kept]:
    """What is kept at a path, below it, or at a folder above it."""
    below = path.rstrip("/") + "/"
    for at in range(bisect_left(paths, below), len(paths)):
        if not paths[at].startswith(below):
            break
        yield kept[at]
    while is_shared(path):
        for at in range(bisect_left(paths, path), len(paths)):
            if paths[at] != path:
                break
            yield kept[at]
        path = posixpath.dirname(path)


def _join(
    estate: Estate, sender: Thing, upload: Thing, kept: _Kept, span: Span
) -> None:
    if sender is kept.writer:
        return
    words = f"takes {kept.path}, to which {kept.writer.name} writes weights"
    why = _doubt(sender, kept.writer)
    estate.link(sender, "reads", kept.store, span, words, certain=not why, why=why)
    estate.link(upload, "takes from", kept.store, span, certain=not why, why=why)
    if not why:
        upload.state("carries", "weights", span)
        upload.holds_weights("referenced", f"it {words}", span)
        sender.holds_weights("referenced", f"it {words}", span)


def _doubt(one: Thing, other: Thing) -> str:
    """Why two scripts may run on clusters of their own: they lie in other folders."""
    folders = [posixpath.dirname(thing.span.path) for thing in (one, other)]
    tops = {folder.partition("/")[0] for folder in folders}
    if len(tops) == 1:
        return ""
    return f"{one.name} and {other.name} may run on other file systems"
