"""What settings of a training or serving program mean, in estate words.

A `Dialect` is one tool's names for the same few questions: what it reads and writes,
whether it publishes, whether it runs code of strangers, how it stores weights. A job
format's own file holds its dialect; this module holds the meaning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.tables import document
from mlsec_lint.lower.jobs.arguments import Setting, flag_truth, truth
from mlsec_lint.lower.jobs.datasets import state_datasets, state_limit
from mlsec_lint.lower.jobs.deepspeed import state_deepspeed
from mlsec_lint.lower.jobs.endpoint_things import settings_endpoints
from mlsec_lint.lower.jobs.fetch_things import state_fetch
from mlsec_lint.lower.jobs.fetches import Fetch, commit_in
from mlsec_lint.lower.jobs.hosts import host_of, internal_host
from mlsec_lint.lower.jobs.paths import is_path
from mlsec_lint.lower.jobs.revisions import state_revisions
from mlsec_lint.lower.jobs.shell_values import alternatives
from mlsec_lint.lower.jobs.trackers import UNSET, state_trackers
from mlsec_lint.lower.jobs.transports import of_settings, state_channel
from mlsec_lint.lower.jobs.uploads import Upload, state_upload
from mlsec_lint.lower.stores import store_uri
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

Names = frozenset[str]


class Dialect(NamedTuple):
    """One tool's names. A name with dots matches the end of a dotted setting.

    * `reads`, `writes`: paths and URIs of weights;
    * `push`: switches that publish; `repository`: names of the hub repository;
      `naming_pushes`: naming a repository alone publishes;
    * `private`: switches that make the repository private; `private_default` what an
      unset one means, with `private_words` (whose default, as of when);
    * `trust`: switches that run code which ships with a model;
    * `safe`: switches for safetensors; `unsafe`: switches for pickle;
    * `models`: names of models of a hub, beside those that all tools share;
    * `trainer`: it is a Hugging Face Trainer underneath; `silent`: one that is told to
      report to nobody unless the config names a tracker;
    * `unset`: why it may report to W&B where the config lists no tracker, "" if not.
    """

    form: str
    reads: Names = frozenset()
    writes: Names = frozenset()
    push: Names = frozenset()
    repository: Names = frozenset()
    naming_pushes: bool = False
    private: Names = frozenset()
    private_default: bool | None = None
    private_words: str = ""
    trust: Names = frozenset({"trust_remote_code"})
    safe: Names = frozenset()
    unsafe: Names = frozenset()
    models: Names = frozenset()
    trainer: bool = False
    silent: bool = False
    unset: str = ""


def matches(setting: Setting, names: Names) -> bool:
    """Whether a setting is one of the names, by its end at a dot."""
    if setting.name in names or setting.last in names:
        return True
    return any("." in n and setting.name.endswith("." + n) for n in names)


def pick(settings: Sequence[Setting], names: Names) -> Setting | None:
    """The last setting of those names (the one in effect), null ones left out."""
    for setting in reversed(settings):
        if matches(setting, names) and not setting.value.is_null:
            return setting
    return None


def apply_settings(
    scene: Scene,
    program: Thing,
    dialect: Dialect,
    settings: Sequence[Setting],
    environment: Mapping[str, Value],
    *,
    branch: bool = False,
    operands: Sequence[Value] = (),
) -> None:
    """State what the settings of a program say: facts, uploads, edges and evidence."""
    for setting in settings:
        for names, verb, words in (
            (dialect.writes, "writes", "writes weights to"),
            (dialect.reads, "reads", "reads weights from"),
        ):
            if matches(setting, names):
                weights_setting(scene, program, setting, verb, words)
                break  # a name that both have, by its end, is what is written
    state_datasets(scene, settings)
    state_limit(program, settings)
    state_deepspeed(scene, program, settings)
    state_trust(program, dialect, settings)
    state_format(program, dialect, settings, environment)
    state_hub(scene, program, dialect, settings, environment, branch=branch)
    unset = _unset(dialect, settings)
    state_trackers(scene, program, settings, environment, unset=unset)
    named = [s.value for s in settings if matches(s, dialect.models)]
    state_revisions(scene, settings, environment, [*operands, *named])
    settings_endpoints(scene, settings)
    for channel in of_settings(settings):
        state_channel(scene.estate, scene.workload, channel)


_ADDRESS = regex(r"[a-z][a-z0-9]{0,20}://[^\s\"'{}]{1,500}")
_TRAINS = frozenset({"output_dir", "num_train_epochs", "num_epochs", "max_steps"})


def _unset(dialect: Dialect, settings: Sequence[Setting]) -> str:
    """Why a training may report where no setting lists trackers; "" where it does not."""
    if dialect.unset:
        return dialect.unset
    listens = dialect.trainer and not dialect.silent
    return UNSET if listens and any(s.last in _TRAINS for s in settings) else ""


def weights_setting(
    scene: Scene, program: Thing, setting: Setting, verb: str, words: str
) -> None:
    """Evidence and edges for each path or URI of a setting that names weights."""
    for value in setting.value.elements() or (setting.value,):
        for option, doubt in _meant(value):
            if option.span is None or not _names_files(option, verb):
                _from_web(scene, option, setting, verb)
                continue
            said = f"{words} {_shown(option.span.text)}".strip()
            scene.weights_at(option, verb, said, setting.span, program, doubt)


def _shown(written: str) -> str:
    """What is written as a message shows it: of settings in JSON only the address."""
    if "\n" in written:
        return ""
    inner = _ADDRESS.search(written) if written.lstrip("\"'")[:1] == "{" else None
    return inner[0] if inner is not None else written.strip("\"'")


def _meant(value: Value) -> list[tuple[Value, str]]:
    """A value, or what it can be (a default, each word of a loop) and why it may not."""
    why = value.data.why if isinstance(value.data, Unknown) else ""
    found = [(option, "" if sure else why) for option, sure in alternatives(value)]
    return found or [(value, "")]


def _from_web(scene: Scene, value: Value, setting: Setting, verb: str) -> None:
    """`load_path: https://host/...`: weights that are fetched from a web server."""
    url = value.data if isinstance(value.data, str) else ""
    if verb != "reads" or not url.strip().startswith(("http://", "https://")):
        return
    host = host_of(url.strip())
    if host:
        fetch = Fetch("model", url.strip(), setting.span, host, commit_in(url))
        state_fetch(scene.estate, scene.workload, fetch, trail=value.trail)


def _names_files(value: Value, verb: str) -> bool:
    """A read may name a hub's model (`org/name`), which is no file of ours."""
    data = value.data
    if isinstance(data, bool | dict) or data is None or data == "":
        return False
    if isinstance(data, str) and data.strip().lower() in ("true", "false", "none"):
        return False
    if isinstance(data, str) and "://" in data:
        return store_uri(data) is not None or data.startswith("file://")
    return is_path(value) if verb == "reads" else True


def state_trust(program: Thing, dialect: Dialect, settings: Sequence[Setting]) -> None:
    """State whether code that ships with a model or data set is run."""
    for setting in settings:
        if matches(setting, dialect.trust) and not setting.value.is_null:
            value = flag_truth(setting)
            program.also(
                "remote_code.trusted", value, setting.span, trail=setting.value.trail
            )


def state_format(
    program: Thing,
    dialect: Dialect,
    settings: Sequence[Setting],
    environment: Mapping[str, Value],
) -> None:
    """State the file format of weights where config says it.

    Only what is written counts: `save_weights_only` is another thing, and an absent
    `save_safetensors` is no pickle (transformers 4.57.1: default true; 5.x: gone).
    """
    for setting in settings:
        positive = matches(setting, dialect.safe)
        if not positive and not matches(setting, dialect.unsafe):
            continue
        value = truth(setting.value)
        if setting.bare and not isinstance(value, bool):
            value = True
        if value is None:
            continue
        safe = value if isinstance(value, Unknown) or positive else not value
        program.also(
            "weights.format.safe", safe, setting.span, trail=setting.value.trail
        )
    forced = environment.get("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD")
    if forced is not None and (span := forced.entry() or forced.span) is not None:
        value = truth(forced)
        if value is not None:
            safe = value if isinstance(value, Unknown) else not value
            program.also("weights.format.safe", safe, span, trail=forced.trail)


def state_hub(
    scene: Scene,
    program: Thing,
    dialect: Dialect,
    settings: Sequence[Setting],
    environment: Mapping[str, Value],
    *,
    branch: bool = False,
) -> None:
    """State the push to a model hub that the settings switch on (or off, explicitly)."""
    push = pick(settings, dialect.push)
    repository = pick(settings, dialect.repository)
    enabled: bool | Unknown
    if push is not None:
        enabled, span, trail = flag_truth(push), push.span, push.value.trail
    elif repository is not None and dialect.naming_pushes:
        name = repository.value.text()
        if isinstance(name, str) and not name.strip():
            return
        enabled = name if isinstance(name, Unknown) else True  # it may be left empty
        span, trail = repository.span, repository.value.trail
    else:
        return
    host, internal, host_span, off = hub_destination(environment)
    if enabled is True and off is not None:
        enabled = off
    if enabled is True and branch:
        why = "it stands in a branch of a script"
        enabled = Unknown("environment", why, span=span)
    private, private_span = _private(dialect, settings, span)
    name = repository.value.text() if repository is not None else None
    upload = Upload(
        channel="hub",
        service="huggingface",
        carries="weights",
        span=span,
        host=host,
        internal=internal,
        host_span=host_span,
        enabled=enabled,
        repository=name if name is not None else "",
        private=private,
        private_span=private_span,
        private_default=dialect.private_words if private_span is None else "",
        trail=trail,
    )
    state_upload(scene, program, upload)


def _private(
    dialect: Dialect, settings: Sequence[Setting], span: Span
) -> tuple[bool | Unknown, Span | None]:
    setting = pick(settings, dialect.private)
    if setting is not None:
        return flag_truth(setting), setting.span
    if dialect.private_default is not None:
        return dialect.private_default, None
    why = "unset: public, unless the organisation's default on the hub is private"
    return Unknown("environment", why, "hub_private_repo", span=span), None


def hub_destination(
    environment: Mapping[str, Value],
) -> tuple[str | Unknown, bool | Unknown, Span | None, bool | Unknown | None]:
    """The hub's host, whether it is the lab's own, where that is said, and "off".

    The last is False where offline mode is certain, Unknown where it may be, else None.
    """
    hub = document("trackers.json")["hub"]
    off: bool | Unknown | None = None
    for name in hub["off_env"]:
        value = environment.get(name)
        state = truth(value) if value is not None else None
        if state is True:
            off = False
        elif isinstance(state, Unknown) and off is None:
            off = state
    for name in hub["url_env"]:
        value = environment.get(name)
        if value is None or value.data == "":
            continue
        span = value.entry() or value.span
        text = value.text()
        if isinstance(text, Unknown):
            return text, text, span, off
        if isinstance(text, str):
            host = host_of(text)
            return host, internal_host(host), span, off
    return hub["host"], False, None, off
