"""Experiment trackers: who gets metrics, and who gets weights, from words and environment.

The services and their switches are data with dates: policies/data/trackers.json.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mlsec_lint.estate.tables import document
from mlsec_lint.lower.jobs.arguments import flag_truth
from mlsec_lint.lower.jobs.hosts import host_of, internal_host
from mlsec_lint.lower.jobs.uploads import Upload, state_upload
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.jobs.arguments import Setting
    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

#: Settings that list trackers by name.
REPORTS = frozenset({"report_to", "logger", "loggers", "logger_name", "log_with"})

#: What a Hugging Face Trainer does without `report_to`.
UNSET = (
    "report_to is not set: all installed trackers before transformers 5,"
    " none since; the version is not known"
)

Row = dict[str, Any]


@cache
def _rows() -> tuple[Row, ...]:
    return tuple(document("trackers.json")["trackers"])


class Use(NamedTuple):
    """Why a tracker is (or may be) in use, and where that is said."""

    enabled: bool | Unknown
    span: Span
    trail: tuple[Any, ...] = ()


def reported(
    settings: Sequence[Setting],
) -> tuple[dict[str, Use], bool]:
    """Services that a list of trackers names, and whether there is such a list."""
    found: dict[str, Use] = {}
    listed = False
    for setting in settings:
        if setting.last not in REPORTS or setting.value.is_null:
            continue
        values = setting.value.elements() or (setting.value,)
        for value in values:
            listed = True
            _named(value, setting, found)
    return found, listed


def _named(value: Value, setting: Setting, found: dict[str, Use]) -> None:
    span = value.span if setting.value.elements() and value.span else setting.span
    if isinstance(value.data, Unknown):
        for row in _rows():
            possible = value.data.possible
            if possible is None or any(_is_word(row, v.text()) for v in possible):
                found.setdefault(row["service"], Use(value.data, span, value.trail))
        return
    text = value.text()
    for word in str(text or "").replace("[", " ").replace("]", " ").split():
        for part in word.strip("\"',").split(","):
            name = part.strip("\"' ").lower()
            for row in _rows():
                if name in row["words"]:
                    found[row["service"]] = Use(True, span, value.trail)  # noqa: FBT003
            if name == "all":
                why = "report_to: all uses every tracker that is installed"
                unknown = Unknown("environment", why, span=span)
                for row in _rows():
                    found.setdefault(row["service"], Use(unknown, span))


def _is_word(row: Row, text: object) -> bool:
    return isinstance(text, str) and text.strip().lower() in row["words"]


def state_trackers(
    scene: Scene,
    program: Thing,
    settings: Sequence[Setting],
    environment: Mapping[str, Value],
    *,
    unset: str = "",
) -> None:
    """State an upload for each tracker in use, and one more where it gets weights.

    `unset`: why the program may report to W&B where nothing lists trackers.
    """
    names, listed = reported(settings)
    for row in _rows():
        use = names.get(row["service"]) or _by_setting(row, settings)
        signed = _by_environment(row, environment)
        if use is None and not listed:
            use = signed
        excluded = listed and row["service"] not in names
        weights = _weights(row, settings, environment)
        if use is not None:
            _state(scene, program, row, use, "metrics", settings, environment)
        if weights is not None:
            if excluded and not isinstance(weights.enabled, Unknown):
                weights = weights._replace(enabled=False)
            _state(scene, program, row, weights, "weights", settings, environment)
    if unset and not listed and not names:
        _unset(scene, program, settings, environment, unset)


def _unset(
    scene: Scene,
    program: Thing,
    settings: Sequence[Setting],
    environment: Mapping[str, Value],
    why: str,
) -> None:
    """No list of trackers: the one that a tool's own default means, for all we know."""
    already = {
        fact.value
        for edge in scene.estate.edges_from(program, "sends")
        if (fact := edge.target.fact("service")) is not None
    }
    row = next(r for r in _rows() if r["service"] == "wandb")
    if row["service"] in already:
        return
    use = Use(Unknown("environment", why, "report_to"), program.span)
    _state(scene, program, row, use, "metrics", settings, environment)


def _by_setting(row: Row, settings: Sequence[Setting]) -> Use | None:
    for setting in settings:
        if _logger_block(row, setting):
            return Use(True, setting.span, setting.value.trail)  # noqa: FBT003
        if setting.last not in row["use_settings"] or setting.value.is_null:
            continue
        if isinstance(setting.value.data, dict | tuple):
            continue
        on = flag_truth(setting)
        if isinstance(on, Unknown) or on:
            return Use(on, setting.span, setting.value.trail)
    return None


def _logger_block(row: Row, setting: Setting) -> bool:
    """`loggers: {wandb: ...}`, `wandb: {project: ...}`, `_component_: ...WandBLogger`."""
    steps = setting.name.split(".")
    if "loggers" in steps[:-1]:
        behind = steps[steps.index("loggers") + 1]
        return behind in row["words"]
    if len(steps) > 1 and steps[-2] in row["words"]:
        return steps[-1] in ("project", "entity", "group", "name", "experiment")
    text = setting.value.data
    if steps[-1] == "_component_" and isinstance(text, str):
        last = text.rpartition(".")[2].lower()
        return any(last == word.replace("_", "") + "logger" for word in row["words"])
    return False


def _by_environment(row: Row, environment: Mapping[str, Value]) -> Use | None:
    for name in (*row["key_env"], *row["use_env"]):
        value = environment.get(name)
        if value is not None and value.data not in ("", None):
            span = _variable_span(value)
            if span is not None:
                return Use(True, span, value.trail)  # noqa: FBT003
    return None


def _variable_span(value: Value) -> Span | None:
    """The entry of a variable: name and value on one line, else its name."""
    return value.entry() or value.span


def _weights(
    row: Row, settings: Sequence[Setting], environment: Mapping[str, Value]
) -> Use | None:
    for name, words in row["artifact_settings"].items():
        for setting in settings:
            if setting.name == name or setting.name.endswith("." + name):
                found = _among(setting.value, words, setting.span)
                if found is not None:
                    return found
    for name, words in row["artifact_env"].items():
        value = environment.get(name)
        span = _variable_span(value) if value is not None else None
        if value is not None and span is not None:
            found = _among(value, words, span)
            if found is not None:
                return found
    return None


def _among(value: Value, words: Sequence[str], span: Span) -> Use | None:
    """Whether a switch is on: one of the words; None for null."""
    if value.is_null:
        return None
    if isinstance(value.data, Unknown):
        return Use(value.data, span, value.trail)
    text = value.text()
    if not isinstance(text, str):
        return None
    on = text.strip().lower() in words or ("*" in words and bool(text.strip()))
    return Use(on, span, value.trail)


def _state(
    scene: Scene,
    program: Thing,
    row: Row,
    use: Use,
    carries: str,
    settings: Sequence[Setting],
    environment: Mapping[str, Value],
) -> None:
    off = _off(row, settings, environment)
    enabled: bool | Unknown = use.enabled
    if off is not None and off.enabled is True:
        enabled = False
    elif off is not None and isinstance(off.enabled, Unknown) and enabled is True:
        enabled = off.enabled
    host, internal, where = _destination(row, settings, environment)
    upload = Upload(
        channel="tracker",
        service=row["service"],
        carries=carries,
        span=use.span,
        host=host,
        internal=internal,
        host_span=where,
        enabled=enabled,
        enabled_span=off.span if off is not None and enabled is not True else None,
        repository=_project(row, settings, environment),
        trail=use.trail,
    )
    state_upload(scene, program, upload)


def _is_one(name: str, wanted: Sequence[str]) -> bool:
    """Whether a setting is one of the names; those of one plain word only at the top."""
    return any(
        name == w or (("_" in w or "." in w) and name.endswith("." + w)) for w in wanted
    )


def _project(
    row: Row, settings: Sequence[Setting], environment: Mapping[str, Value]
) -> str | Unknown:
    """`entity/project` of a tracker, or the one of them that config names; "" if none."""
    parts = []
    for words in row.get("project", ()):
        named = (s.value for s in settings if _is_one(s.name, words["settings"]))
        value = next(named, environment.get(words["env"]))
        text = value.text() if value is not None else None
        if isinstance(text, Unknown):
            return text._replace(possible=None, parts=())
        if isinstance(text, str) and text.strip():
            parts.append(text.strip())
    return "/".join(parts)


def switched_off(
    service: str, environment: Mapping[str, Value]
) -> bool | Unknown | None:
    """False where the environment keeps a tracker offline; None where it does not."""
    row = next((row for row in _rows() if row["service"] == service), None)
    use = _off(row, (), environment) if row is not None else None
    if use is None:
        return None
    return use.enabled if isinstance(use.enabled, Unknown) else False


def _off(
    row: Row, settings: Sequence[Setting], environment: Mapping[str, Value]
) -> Use | None:
    """The switch that keeps a tracker offline, where one is set."""
    for name, words in row["off_settings"].items():
        for setting in settings:
            if setting.last == name:
                found = _among(setting.value, words, setting.span)
                if found is not None and found.enabled is not False:
                    return found
    for name, words in row["off_env"].items():
        value = environment.get(name)
        span = _variable_span(value) if value is not None else None
        if value is not None and span is not None:
            low = [w.lower() for w in words]
            found = _among(value, low, span)
            if found is not None and found.enabled is not False:
                return found
    return None


def _destination(
    row: Row, settings: Sequence[Setting], environment: Mapping[str, Value]
) -> tuple[str | Unknown, bool | Unknown, Span | None]:
    """Host, whether it is the lab's own, and the entry that says so."""
    candidates: list[tuple[Value, Span]] = [
        (s.value, s.span)
        for s in settings
        if s.last in row["url_settings"] and not s.value.is_null
    ]
    for name in row["url_env"]:
        value = environment.get(name)
        span = _variable_span(value) if value is not None else None
        if value is not None and span is not None and value.data != "":
            candidates.append((value, span))
    for value, span in candidates:
        if isinstance(value.data, Unknown):
            return value.data, value.data, span
        text = value.text()
        if isinstance(text, str) and text.strip():
            return _host(row, text.strip(), span)
    if row.get("local_without_url"):
        return "localhost", True, None
    return row["host"], False, None


def _host(row: Row, text: str, span: Span) -> tuple[str, bool | Unknown, Span]:
    if row["service"] == "trackio":  # a space of the hub, not a host
        return row["host"], False, span
    if text == "databricks" or text.startswith("databricks://"):
        why = (
            "the tracking server is a Databricks workspace; whose, config does not tell"
        )
        return "databricks", Unknown("environment", why, span=span), span
    if "://" not in text and (text.startswith((".", "/")) or ":" not in text):
        return "localhost", True, span
    if text.startswith(("file:", "sqlite:")):
        return "localhost", True, span
    host = host_of(text)
    return host, internal_host(host), span
