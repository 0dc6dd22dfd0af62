"""What a command that moves bytes means: uploads, reads and writes of stores."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.arguments import flag_truth
from mlsec_lint.lower.jobs.dvc_remotes import remote_place
from mlsec_lint.lower.jobs.endpoints import endpoint_of
from mlsec_lint.lower.jobs.hosts import host_of, internal_host
from mlsec_lint.lower.jobs.paths import known_path, mounted_at
from mlsec_lint.lower.jobs.rclone import resolved
from mlsec_lint.lower.jobs.scene import WeightPath
from mlsec_lint.lower.jobs.settings import hub_destination
from mlsec_lint.lower.jobs.shell_values import alternatives
from mlsec_lint.lower.jobs.uploads import Upload, state_upload
from mlsec_lint.lower.jobs.weight_words import speaks_of_weights
from mlsec_lint.lower.node_paths import lies_in
from mlsec_lint.lower.stores import Named, referred_store, written
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.lower.jobs.transfers import Transfer
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

_REMOTE = re.compile(
    r"(?:[^@/\s:]+@)?(\[[^\]]+\]"
    r"|(?:[A-Za-z0-9]|\$\{\w*\})(?:[A-Za-z0-9._-]|\$\{\w*\})*):(?!//)"
)
_DATASETS = frozenset({"dataset", "space"})
#: Services of tunnels: the host that carries what is sent. Vendors' documentation, 2026-11.
_TUNNELS = {
    "ngrok": "ngrok.com",
    "cloudflared": "cloudflare.com",
    "croc": "croc.schollz.com",
    "wormhole": "relay.magic-wormhole.io",
    "chisel": "",
}


def state_move(
    scene: Scene,
    move: Transfer,
    span: Span,
    environment: Mapping[str, Value],
    *,
    branch: bool,
) -> None:
    """State one move. Weight paths of the scene must be known by now."""
    if move.service == "rclone":
        move = _configured_places(scene, move, environment)
    elif move.service == "dvc":
        place = remote_place(scene, move.target)
        move = move if place is None else move._replace(target=place)
    if move.channel == "hub":
        _hub(scene, move, span, environment, branch=branch)
        return
    if move.channel == "tracker":
        _artifact(scene, move, span, branch=branch)
        return
    if move.service in _TUNNELS:
        host = _TUNNELS[move.service]
        _sent(scene, move, span, host, internal=False, branch=branch)
        return
    if move.target is None:
        why = f"where {move.service} sends to is said elsewhere"
        unknown = Unknown("environment", why, span=span)
        _sent(scene, move, span, unknown, internal=unknown, branch=branch)
        return
    _between(scene, move, move.target, span, branch=branch)


def _configured_places(
    scene: Scene, move: Transfer, environment: Mapping[str, Value]
) -> Transfer:
    """A move of rclone with its remotes as the places that config says they are."""
    sources = [
        resolved(scene, s, move.settings, environment) or s for s in move.sources
    ]
    target = move.target
    if target is not None:
        target = resolved(scene, target, move.settings, environment) or target
    return move._replace(sources=tuple(sources), target=target)


def _between(
    scene: Scene, move: Transfer, target: Value, span: Span, *, branch: bool
) -> None:
    for source in move.sources:
        if _store(source):
            for option, named in _meant(scene, source):
                public = move.service == "web" and not (
                    _declared(named) or _signed(source)
                )
                _read(scene, option, named, target, span, public=public)
    stores = _meant(scene, target) if _store(target) else []
    for option, named in stores:
        _stored(scene, move, option, named, span, branch=branch)
    if stores:
        return
    host, internal = _remote(move, target)
    if isinstance(host, Unknown) or host:
        _sent(scene, move, target.span or span, host, internal=internal, branch=branch)
    else:
        _copied(scene, move, target, span)


def _meant(scene: Scene, value: Value) -> list[tuple[Value, Named]]:
    """The stores that a word names: by its defaults, or by each word of a loop.

    A default may be set otherwise where the script is started, so it is not certain.
    """
    provider = scene.workload.provider
    why = value.data.why if isinstance(value.data, Unknown) else ""
    found = []
    for option, sure in alternatives(value):
        named = referred_store(scene.estate, option, provider)
        if named is not None:
            doubt = named if sure else named._replace(certain=False, why=why)
            found.append((option, doubt))
    if found:
        return found
    named = referred_store(scene.estate, value, provider)
    return [] if named is None else [(value, named)]


def _store(value: Value) -> bool:
    """Whether a word names an object or file store by URI (parts may be unknown)."""
    data = value.data
    text = written(data) if isinstance(data, Unknown) else data
    return isinstance(text, str) and "://" in text and not text.startswith("file:")


def _stored(
    scene: Scene,
    move: Transfer,
    target: Value,
    named: Named,
    span: Span,
    *,
    branch: bool,
) -> None:
    """A copy into a bucket: an edge, and an upload to somebody's bucket."""
    scene.link(named, "writes", f"copies to {_shown(target)}", span, None)
    carries, evidence = _carried(scene, move, target)
    if carries == "weights" and len(named.stores) == 1:  # even if its name is unknown
        named.stores[0].holds_weights("referenced", evidence, span)
    declared = [s.fact("declared") for s in named.stores]
    own = all(f is not None and f.value is True for f in declared)
    internal: bool | Unknown = True
    inside = named.certain and _kept_inside(scene, named)
    if not inside and not (own and named.certain):
        why = named.why or f"the scan does not declare {named.stores[0].address}"
        internal = Unknown("resource", why, named.stores[0].address, span=span)
    upload = Upload(
        channel="command",
        service=move.service,
        carries=carries,
        span=span,
        host=named.stores[0].address,
        internal=internal,
        enabled=_enabled(span, branch=branch),
        trail=target.trail,
    )
    _taken(scene, state_upload(scene, None, upload), move, span)


def _kept_inside(scene: Scene, named: Named) -> bool:
    """Whether `s3://` means a store that answers inside only, by the job's environment."""
    endpoint = endpoint_of(scene.environment)
    if endpoint is None or not isinstance(endpoint.data, str):
        return False
    inside = internal_host(host_of(endpoint.data))
    return inside and all(s.address.startswith("s3://") for s in named.stores)


def _taken(scene: Scene, upload: Thing, move: Transfer, span: Span) -> None:
    """`takes from` the stores that a move names, mounts or has fetched before.

    Another local path may be made of what was fetched: nobody can tell.
    """
    for source in move.sources:
        found = _meant(scene, source) if _store(source) else []
        named = [one for _, one in found]
        path = "" if named else known_path(source, scene.working)
        entry = mounted_at(path, scene.mounted) if path else None
        named += entry.stores if entry is not None else ()
        named += [
            one
            for where, one in scene.fetched
            if path and (lies_in(path, where) or lies_in(where, path))
        ]
        if path and not named:
            why = f"{_shown(source)} may be made of what was fetched before"
            fetched = [one for _, one in scene.fetched]
            named += [one._replace(certain=False, why=why) for one in fetched]
            carries = upload.fact("carries")
            if carries is not None and isinstance(carries.value, Unknown):
                upload.state("source.path", path.rstrip("*"), source.span or span)
        for one in named:
            for store in one.stores:
                scene.estate.link(
                    upload, "takes from", store, span, certain=one.certain, why=one.why
                )


def _declared(named: Named) -> bool:
    facts = [store.fact("declared") for store in named.stores]
    return any(fact is None or fact.value is not False for fact in facts)


def _signed(url: Value) -> bool:
    """Whether a URL holds a signature: not everybody may download it."""
    data = url.data
    text = written(data) if isinstance(data, Unknown) else str(data)
    return "sig" in text.partition("?")[2].lower()


def _read(
    scene: Scene,
    source: Value,
    named: Named,
    target: Value,
    span: Span,
    *,
    public: bool = False,
) -> None:
    """A copy out of a bucket; weights where a program reads them from the target.

    What anybody may download (`public`) makes no store of weights of its bucket.
    """
    words = f"copies from {_shown(source)}"
    scene.link(named, "reads", words, span, None)
    path = known_path(target, scene.working)
    if path:
        scene.fetched.append((path, named))
    known = scene.evidence_for(path)
    if not named.certain or public:
        return
    for store in named.stores:
        if known is not None:
            text = f"{known.words}, copied from {_shown(source)}"
            store.holds_weights("referenced", text, span)
        elif speaks_of_weights(_shown(source)):
            store.holds_weights("named", f"{scene.workload.name} {words}", span)


def _carried(
    scene: Scene, move: Transfer, target: Value | None
) -> tuple[str | Unknown, str]:
    """What is sent, and why we think so: weights if a program keeps weights there."""
    options = [[v for v, _ in alternatives(s)] or [s] for s in move.sources]
    for source in (value for values in options for value in values):
        path = known_path(source, scene.working).rstrip("*").rstrip("/")
        known = scene.evidence_for(path) if path else None
        if known is not None:
            return "weights", f"{known.words}, copied on to {_shown(target)}"
        words = scene.kept_in(path) if path else ""
        if words:
            return "weights", f"{words}, copied on to {_shown(target)}"
        if speaks_of_weights(_shown(source)):
            words = f"{scene.workload.name} copies {_shown(source)} to {_shown(target)}"
            return "weights", words
    shown = ", ".join(_shown(s) for s in move.sources) or "its input"
    why = f"what {shown} holds is not known"
    return Unknown("environment", why), ""


def _shown(value: Value | None) -> str:
    if value is None:
        return "a service"
    data = value.data
    text = written(data) if isinstance(data, Unknown) else str(data)
    if text.startswith("http"):  # what follows the path may be a token
        text = text.partition("?")[0]
    return " ".join(text.replace("${}", "...").split())[:200]


def _enabled(span: Span, *, branch: bool) -> bool | Unknown:
    if not branch:
        return True
    return Unknown("environment", "it stands in a branch of a script", span=span)


def _remote(move: Transfer, target: Value) -> tuple[str | Unknown, bool | Unknown]:
    """The host a target names, and whether it is the lab's own; "" for a local path."""
    data = target.data
    text = written(data) if isinstance(data, Unknown) else str(data)
    if move.service == "http" or "://" in text:
        host = host_of(text)
    elif move.service in ("rclone", "minio"):
        return _configured(move, text, target)
    elif move.service == "kubectl-cp":
        local = _REMOTE.match(text) is None and "/" in text
        return (
            ("localhost", Unknown("environment", "a file comes to whoever runs it"))
            if local
            else ("", True)
        )
    else:
        match = _REMOTE.match(text)
        host = match[1].lower() if match else ""
    if any(c in host for c in "${}<>"):
        unknown = (
            data
            if isinstance(data, Unknown)
            else Unknown("placeholder", f"{host} is not known", host)
        )
        return unknown, unknown
    return host, internal_host(host)


def _configured(
    move: Transfer, text: str, target: Value
) -> tuple[str | Unknown, bool | Unknown]:
    """`remote:path` of a tool whose remotes are configured elsewhere."""
    name = text.partition(":" if move.service == "rclone" else "/")[0]
    if (move.service == "rclone" and ":" not in text) or text.startswith(("/", ".")):
        return "", True
    why = f"where the {move.service} remote {name} leads is configured elsewhere"
    unknown = Unknown("environment", why, name, span=target.span)
    return unknown, unknown


def _sent(
    scene: Scene,
    move: Transfer,
    span: Span,
    host: str | Unknown,
    *,
    internal: bool | Unknown,
    branch: bool,
) -> None:
    carries, _ = _carried(scene, move, move.target)
    if carries == "weights" and internal is not True:
        _sent_from(scene, move, span)
    upload = Upload(
        channel="command",
        service=move.service,
        carries=carries,
        span=span,
        host=host,
        internal=internal,
        enabled=_enabled(span, branch=branch),
        trail=move.target.trail if move.target is not None else (),
    )
    _taken(scene, state_upload(scene, None, upload), move, span)


def _copied(scene: Scene, move: Transfer, target: Value, span: Span) -> None:
    """A copy on the machine itself: what is called after weights lies there too."""
    found = [s for s in move.sources if _called_weights(scene, s)]
    path = known_path(target, scene.working)
    if found and path:
        words = f"{scene.workload.name} copies {_shown(found[0])}"
        scene.weights.append(WeightPath(path, words, span))
    scene.copied += found


def _called_weights(scene: Scene, source: Value) -> bool:
    """Whether a local path is called after weights."""
    local = not _store(source) and bool(known_path(source, scene.working))
    return local and speaks_of_weights(_shown(source))


def _sent_from(scene: Scene, move: Transfer, span: Span) -> None:
    """What a script sends lies somewhere, even where no program of it reads or writes it.

    The local paths that the command names; those copied before, where it names others.
    """
    if any(True for _ in scene.estate.edges_from(scene.workload, "writes")):
        return
    if any(True for _ in scene.estate.edges_from(scene.workload, "reads")):
        return
    named = [s for s in move.sources if _called_weights(scene, s)]
    for source in named or scene.copied:
        found = scene.behind(source, source.span or span)
        for one in found[1] if found is not None else ():
            words = f"takes {_shown(source)}"
            scene.link(one, "reads", words, source.span or span, None)
            for store in one.stores:
                text = f"{scene.workload.name} sends {_shown(source)} on"
                store.holds_weights("named", text, source.span or span)


def _hub(
    scene: Scene,
    move: Transfer,
    span: Span,
    environment: Mapping[str, Value],
    *,
    branch: bool,
) -> None:
    """`hf upload`: a model unless `--repo-type` says otherwise."""
    kind = "model"
    private: bool | Unknown | None = None
    for setting in move.settings:
        if setting.name == "repo_type" and isinstance(setting.value.data, str):
            kind = setting.value.data.strip()
        elif setting.name == "private":
            private = flag_truth(setting)
    host, internal, where, off = hub_destination(environment)
    if move.service != "huggingface":
        host, internal, where, off = "modelscope.cn", False, None, None
    enabled = _enabled(span, branch=branch) if off is None else off
    carries: str | Unknown = "weights"
    if kind in _DATASETS:
        carries, _ = _carried(scene, move, None)
    name = move.repository.text() if move.repository is not None else None
    upload = Upload(
        channel="hub",
        service=move.service,
        carries=carries,
        span=span,
        host=host,
        internal=internal,
        host_span=where,
        enabled=enabled,
        repository=name if name is not None else "",
        private=private
        if private is not None
        else Unknown("environment", "an existing repository keeps its visibility"),
        trail=move.repository.trail if move.repository is not None else (),
    )
    state_upload(scene, None, upload)


def _artifact(scene: Scene, move: Transfer, span: Span, *, branch: bool) -> None:
    kind = next(
        (s.value.text() for s in move.settings if s.name in ("type", "t")), None
    )
    carries, _ = _carried(scene, move, None)
    if isinstance(kind, str) and "model" in kind.lower():
        carries = "weights"
    upload = Upload(
        channel="tracker",
        service="wandb",
        carries=carries,
        span=span,
        host="api.wandb.ai",
        enabled=_enabled(span, branch=branch),
    )
    state_upload(scene, None, upload)
