"""What holds weights, and why it is thought to.

Evidence is collected where it arises (tags by the lowerings, references by the job and
Kubernetes lowerings, names and config here) and then follows the edges along which
weights flow: copies of a weight store hold weights, what reads or writes one handles
them, and so do the key that seals it and the mount that shows it.

A name alone is the weakest evidence, and none for a store that logs or state go to.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import STRENGTHS
from mlsec_lint.estate.tables import document
from mlsec_lint.estate.wildcards import wildcard
from mlsec_lint.patterns import regex
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Edge, Estate, Evidence, Thing, Word
    from mlsec_lint.source import Span
    from mlsec_lint.trace.settings import Asset, Settings

#: Whole words in names and tags that speak for weights.
WEIGHT_WORDS = frozenset(
    {
        "weight",
        "weights",
        "checkpoint",
        "checkpoints",
        "ckpt",
        "ckpts",
        "model",
        "models",
        "llm",
        "llms",
        "safetensors",
        "lora",
        "adapters",
    }
)
#: A URI in the config is shortened by so many folders to find the store they lie in.
_MOST_FOLDERS = 20
#: Words of them that the data of models bears too: a job that takes data there decides.
_LOOSE_WORDS = frozenset({"model", "models", "llm", "llms"})
#: Words beside them that say that it is about something else.
OTHER_WORDS = frozenset(
    {
        "access",
        "alb",
        "annotation",
        "annotations",
        "audit",
        "billing",
        "card",
        "cards",
        "cloudtrail",
        "config",
        "configs",
        "corpora",
        "corpus",
        "curve",
        "curves",
        "dashboard",
        "dashboards",
        "dataset",
        "datasets",
        "doc",
        "docs",
        "eval",
        "evals",
        "event",
        "events",
        "feedback",
        "figure",
        "figures",
        "frontend",
        "inventory",
        "label",
        "labels",
        "log",
        "logging",
        "logs",
        "metadata",
        "metric",
        "metrics",
        "monitoring",
        "paper",
        "papers",
        "plot",
        "plots",
        "preview",
        "previews",
        "prompts",
        "report",
        "reports",
        "schema",
        "schemas",
        "state",
        "states",
        "static",
        "survey",
        "surveys",
        "telemetry",
        "tensorboard",
        "terraform",
        "tfstate",
        "token",
        "tokenized",
        "tokenizer",
        "tokenizers",
        "tokens",
        "trace",
        "traces",
        "trail",
        "transcripts",
        "usage",
        "web",
        "website",
    }
)
_WORD = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NAMED_SORTS = (
    "object",
    "file",
    "block",
    "registry",
    "memory",
    "claim",
    "snapshot",
)
#: Sorts of mounts that can hold files of a size worth the name.
_MOUNT_SORTS = (
    "host",
    "empty-memory",
    "empty-disk",
    "local-volume",
    "claim",
    "object",
    "file",
    "block",
)


class Flow(NamedTuple):
    """How evidence passes an edge: in its direction, against it, or both."""

    verb: str
    forward: str
    backward: str


#: Words for what the far end is, per direction; "" where evidence does not pass.
FLOWS = (
    Flow("is copied by", "it copies {near}, which holds weights", ""),
    Flow("copies to", "{near} copies weights into it", ""),
    Flow(
        "is backed by",
        "{near}, which holds weights, lies in it",
        "it lies in {near}, which holds weights",
    ),
    Flow("is encrypted with", "it seals {near}, which holds weights", ""),
    Flow(
        "is replicated by",
        "it is a replica of {near}, which seals weights",
        "{near}, which seals weights, is a replica of it",
    ),
    Flow(
        "writes",
        "{near} writes weights to it",
        "it writes to {near}, which holds weights",
    ),
    Flow(
        "reads",
        "{near} reads weights from it",
        "it reads from {near}, which holds weights",
    ),
    Flow(
        "has",
        "its workload {near} handles weights",
        "its container {near} handles weights",
    ),
    Flow(
        "runs",
        "{near} handles weights and runs it",
        "it runs {near}, which handles weights",
    ),
    Flow("mounts", "", "it mounts {near}, which holds weights"),
    Flow("sends", "{near} handles weights and sends by it", ""),
    Flow("fetches", "{near} handles weights and fetches it", ""),
    Flow("talks over", "{near} handles weights and uses it", ""),
    Flow("is pointed at", "{near} handles weights and talks to it", ""),
    Flow("contains software", "{near} handles weights and runs it", ""),
    Flow("is moved by", "it moves {near}, which holds weights", ""),
)
#: What `assume="all"` takes for a matter of weights.
ASSUMED = "every store, key, workload and identity is taken for a matter of weights"
_ASSUMED = frozenset({"store", "copy", "key", "workload", "identity"})
#: Sorts of identities that stand for somebody else.
_OTHERS = frozenset({"account", "service", "ci", "everyone", "unknown"})
_FLOWS = {flow.verb: flow for flow in FLOWS}


def trace_weights(estate: Estate, settings: Settings) -> None:
    """State `weights.held` and `weights.evidence`, with the evidence kept on the thing."""
    excluded = _published(estate) if settings.assume != "all" else set()
    _declare(estate, settings, excluded)
    if settings.assume == "declared":
        for thing in estate.things.values():
            thing.evidence[:] = [e for e in thing.evidence if e.strength == "declared"]
    else:
        _name(estate, excluded)
    if settings.assume == "all":
        _assume(estate, excluded)
    _spread(estate, excluded)
    _mounted_paths(estate, excluded)
    for thing in estate.things.values():
        _state(thing, excluded)


def _published(estate: Estate) -> set[int]:
    """Stores of other people that hold public models, and that nothing writes to.

    What the scan declares itself is never one of them, whatever it is called.
    """
    rows = [row["uri"] for row in document("public_stores.json")["rows"]]
    return {
        id(store)
        for store in estate.of("store")
        if not _is_declared(store)
        and any(wildcard(uri, store.address) for uri in rows)
        and not any(edge.verb == "writes" for edge in estate.edges_to(store))
    }


def _is_declared(store: Thing) -> bool:
    """Whether the scan declares it, or may: then it is the lab's own."""
    declared = store.fact("declared")
    return declared is not None and declared.value is not False


def _declare(estate: Estate, settings: Settings, excluded: set[int]) -> None:
    """Evidence from the config file; adds the ids of things it says hold no weights."""
    names = [(t, (t.address, *sorted(t.names))) for t in estate.things.values()]
    for asset in settings.assets:
        taken: list[str] = []
        meant = _meant(asset, names)
        if not meant:
            words = f"nothing in the scan is called {asset.match}"
            estate.note([Note("asset-unused", words, asset.span.path, asset.span)])
        for thing in meant:
            if asset.holds == "weights":
                words = f"the config file declares {asset.match} to hold weights"
                thing.holds_weights("declared", words, asset.span)
                excluded.discard(id(thing))
                continue
            excluded.add(id(thing))
            if thing.kind == "store" and _is_telling(thing):
                taken.append(thing.address)
        if taken and asset.holds == "none":
            estate.note([_taken_out(asset.span, taken)])


def _meant(asset: Asset, names: list[tuple[Thing, tuple[str, ...]]]) -> list[Thing]:
    """The things that an asset names; for a folder in a store the store.

    `s3://runs/*` is all that lies in s3://runs. A store with weights in one folder holds
    weights; one with a folder without any may hold some elsewhere.
    """
    scheme, mark, path = asset.match.partition("://")
    parts = path.rstrip("/").split("/", _MOST_FOLDERS) if mark else []
    pattern = asset.match
    while True:
        found = [t for t, called in names if any(wildcard(pattern, n) for n in called)]
        whole = bool(parts) and parts[-1] in {"*", "**"}
        if found or len(parts) < 2 or not (whole or asset.holds == "weights"):
            return found
        parts.pop()
        if not parts[-1].strip("*"):  # no store is named by it
            return found
        pattern = f"{scheme}://{'/'.join(parts)}"


def _is_telling(store: Thing) -> bool:
    """Whether something else than the config file takes a store for one of weights."""
    tag = store.fact("holds.declared")
    named = any(speaks_for_weights(word.text) for word in store.words)
    return bool(store.evidence) or named or (tag is not None and tag.value == "weights")


def _taken_out(span: Span, taken: list[str]) -> Note:
    """What a config file takes out of the judgement is told, whoever wrote the file."""
    stores = "1 store" if len(taken) == 1 else f"{len(taken):,} stores"
    words = f"the config file says that {stores} with signs of weights hold none: "
    words += ", ".join(taken[:3]) + (", ..." if len(taken) > 3 else "")
    return Note("declared-without-weights", words, span.path, span)


def words_of(text: str) -> list[str]:
    """The words of a name, in lower case: `llmCkpt-v2` has llm, ckpt, v, 2."""
    return [word.lower() for word in _WORD.findall(text[:512])]


def speaks_for_weights(text: str, said: frozenset[str] = WEIGHT_WORDS) -> str:
    """The word in a name that speaks for weights, or "" where none does or others do."""
    words = words_of(text)
    if any(word in OTHER_WORDS for word in words):
        return ""
    return next((word for word in words if word in said), "")


def _name(estate: Estate, excluded: set[int]) -> None:
    for store in estate.of("store"):
        sort = store.fact("type")
        if id(store) in excluded or sort is None or sort.value not in _NAMED_SORTS:
            continue
        if not is_about_something_else(store):
            read_as = estate.edges_to(store, "takes data from")
            is_data = any(edge.certain for edge in read_as)
            for word in store.words:
                _evidence_by_name(store, word, is_data=is_data)


def is_about_something_else(store: Thing) -> bool:
    """Whether a store is known for other contents: declared, logged to, or by name."""
    logs = store.fact("receives.logs")
    if logs is not None and logs.value is True:
        return True
    declared = store.fact("holds.declared")
    if declared is not None and not isinstance(declared.value, Unknown):
        return True
    return any(
        word in OTHER_WORDS
        for text in store.words
        if text.where in {"its name", "its Terraform name"}
        for word in words_of(text.text)
    )


def _evidence_by_name(store: Thing, word: Word, *, is_data: bool) -> None:
    said = WEIGHT_WORDS - _LOOSE_WORDS if is_data else WEIGHT_WORDS
    found = speaks_for_weights(word.text, said)
    if found:
        words = f"{word.where} has the word {found!r}"
        store.holds_weights("named", words, word.span)


def _assume(estate: Estate, excluded: set[int]) -> None:
    """Every store, key, workload and identity of the lab, for want of evidence.

    A store that logs or state are known to go to is none of them, nor is whoever a trust
    or a grant names that belongs to somebody else.
    """
    for thing in estate.things.values():
        if id(thing) not in excluded and not thing.evidence and is_assumed(thing):
            thing.holds_weights("assumed", ASSUMED, thing.span)


def is_assumed(thing: Thing) -> bool:
    """Whether `assume="all"` takes a thing for a matter of weights."""
    logs, sort = thing.fact("receives.logs"), thing.fact("sort")
    if thing.kind not in _ASSUMED or (logs is not None and logs.value is True):
        return False
    return thing.kind != "identity" or sort is None or sort.value not in _OTHERS


def _spread(estate: Estate, excluded: set[int]) -> None:
    """Pass evidence along edges, strongest first, until nothing new is reached."""
    queue: deque[Thing] = deque()
    for strength in STRENGTHS:
        queue.extend(
            thing
            for thing in estate.things.values()
            if id(thing) not in excluded and strongest(thing) == strength
        )
        while queue:
            near = queue.popleft()
            for edge in estate.edges_from(near):
                _pass(queue, near, edge, edge.target, excluded, forward=True)
            for edge in estate.edges_to(near):
                _pass(queue, near, edge, edge.source, excluded, forward=False)


def _pass(
    queue: deque[Thing],
    near: Thing,
    edge: Edge,
    far: Thing,
    excluded: set[int],
    *,
    forward: bool,
) -> None:
    flow = _FLOWS.get(edge.verb)
    words = "" if flow is None else flow.forward if forward else flow.backward
    if not words or id(far) in excluded or far.evidence:
        return
    if not (_carries(edge) if forward else _may_carry(edge)):
        return
    strength = _passed(strongest(near), edge)
    if strength:
        far.holds_weights(strength, words.format(near=near.name), edge.span)
        queue.append(far)


def _carries(edge: Edge) -> bool:
    """Whether an edge out of a program is about its weights, not its data or logs."""
    is_use = edge.verb in {"reads", "writes"}
    return not is_use or bool(speaks_for_weights(edge.words))


def _may_carry(edge: Edge) -> bool:
    """Whether who uses a store that holds weights may use those.

    Not where all that is known of a use in doubt is a folder of something else.
    """
    if edge.certain or edge.verb not in {"reads", "writes"}:
        return True
    words = set(words_of(edge.words))
    return bool(words & WEIGHT_WORDS) or not words & OTHER_WORDS


def _passed(strength: str, edge: Edge) -> str:
    """How strong evidence is at the far end of an edge."""
    if strength in {"named", "assumed"}:
        return strength
    copies = edge.verb in {"is copied by", "copies to"}
    return "copied" if copies or strength == "copied" else "referenced"


def strongest(thing: Thing) -> str:
    """The strongest sort of evidence that a thing holds weights, or ""."""
    if not thing.evidence:  # most things
        return ""
    found = {piece.strength for piece in thing.evidence}
    return next((s for s in STRENGTHS if s in found), "")


def _mounted_paths(estate: Estate, excluded: set[int]) -> None:
    """Mounts at a path that speaks for weights, in a workload that handles weights."""
    for edge in list(estate.edges()):
        mount = edge.target
        if edge.verb != "mounts" or not edge.source.evidence or mount.evidence:
            continue
        sort, path = mount.fact("type"), mount.fact("path")
        if sort is None or sort.value not in _MOUNT_SORTS or id(mount) in excluded:
            continue
        if path is None or not isinstance(path.value, str):
            continue
        if speaks_for_weights(path.value) or ".cache/huggingface" in path.value:
            words = f"{edge.source.name}, which handles weights, mounts it there"
            mount.holds_weights("named", words, path.span)


def _state(thing: Thing, excluded: set[int]) -> None:
    """The two facts, at the strongest piece of evidence; pieces in order of strength."""
    if id(thing) in excluded:
        thing.evidence.clear()
        thing.state("weights.held", value=False)
        return
    if thing.evidence:
        thing.evidence.sort(key=_rank)
        best = thing.evidence[0]
        thing.state("weights.held", value=True, span=best.span)
        thing.state("weights.evidence", best.strength, best.span)
        tag = thing.fact("holds.declared")
        if best.strength != "declared" and tag and isinstance(tag.value, Unknown):
            unknown = tag.value._replace(possible=None, parts=())
            thing.state("weights.evidence", unknown, tag.span, trail=tag.trail)


def _rank(piece: Evidence) -> int:
    return STRENGTHS.index(piece.strength)
