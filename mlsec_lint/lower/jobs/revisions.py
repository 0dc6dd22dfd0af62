"""Models and data sets of a hub that a program names, and at which revision.

Without a revision a hub gives the branch `main`, which is whatever its owner says at
the time. Names of arguments: transformers 5.x and TRL 0.24 (`model_revision`), vLLM 0.11
and TGI 3.3 (`--revision`), oumi and axolotl configs, the SageMaker inference toolkit
(`HF_MODEL_ID`, `HF_MODEL_REVISION`), read 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.arguments import truth
from mlsec_lint.lower.jobs.fetch_things import state_fetch
from mlsec_lint.lower.jobs.fetches import Fetch, hub_fetch, hub_name
from mlsec_lint.lower.jobs.hosts import host_of
from mlsec_lint.lower.jobs.shell_values import alternatives
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.jobs.arguments import Setting
    from mlsec_lint.lower.jobs.scene import Scene

_MODELS = frozenset(
    {
        "model_name_or_path", "pretrained_model_name_or_path", "base_model", "model_name",
        "base_model_name_or_path", "model_id", "model_path", "pretrained_model_path",
        "teacher_model_name_or_path", "reward_model", "reward_model_path", "ref_model",
        "sft_model_path", "hf_model_id", "hf_model_name", "pretrained", "speculative_model",
        "adapter_name_or_path", "adapter_model", "model", "hf_model_name_or_path",
    }
)  # fmt: skip
_DATA = frozenset(
    {"dataset_name", "dataset_id", "dataset_name_or_path", "datasets.path",
     "datasets.dataset_name", "dataset_mixture.datasets.id", "dataset_mixer_list",
     "dataset.source", "hf_name", "dataset.repo_id", "pretraining_dataset",
     "pretraining_dataset.path"}
)  # fmt: skip
#: A mapping of data sets to their shares: the names are its keys (alignment-handbook).
_MIXERS = ("dataset_mixer.", "dataset_mixer_train.", "dataset_mixer_eval.")
_REVISIONS = frozenset(
    {"model_revision", "revision", "revision_of_model", "base_model_revision",
     "hf_revision", "model_kwargs.revision"}
)  # fmt: skip
_DATA_REVISIONS = frozenset(
    {"dataset_revision", "datasets.revision", "datasets.dataset_kwargs.revision"}
)
_MODEL_VARIABLES = ("HF_MODEL_ID", "MODEL_ID", "MODEL_NAME", "HF_MODEL_NAME", "MODEL")
_REVISION_VARIABLES = ("HF_MODEL_REVISION", "REVISION", "MODEL_REVISION")
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")


def state_revisions(
    scene: Scene,
    settings: Sequence[Setting],
    environment: Mapping[str, Value],
    operands: Iterable[Value] = (),
) -> None:
    """One fetch for the models of a program and one for its data sets, by their worst."""
    if _offline(environment):
        return
    of_models = [s for s in settings if "dataset" not in s.name]
    revision = _last(of_models, _REVISIONS) or _variable(
        environment, _REVISION_VARIABLES
    )
    names = [s.value for s in settings if _is(s, _MODELS) and not _is_group(s)]
    models = [(value, revision) for value in (*operands, *names)]
    data = _with_revisions(settings)
    for kind, pairs in (("model", models), ("dataset", data)):
        found = _each(kind, pairs)
        if found:
            fetch, value = _worst(found)
            fetch = _at_mirror(fetch, environment)
            state_fetch(scene.estate, scene.workload, fetch, trail=value.trail)


def _with_revisions(settings: Sequence[Setting]) -> list[tuple[Value, Value | None]]:
    """The data sets of the settings, each with the revision that stands beside it.

    In a list the revision is the one between this name and the next, or between the
    one before and this where revisions are written first; else one is for all.
    """
    found: list[tuple[Value, Value | None]] = []
    last = _last(settings, _DATA_REVISIONS)
    before: Value | None = None
    first = next((s for s in settings if _is(s, _DATA | _DATA_REVISIONS)), None)
    leads = first is not None and _is(first, _DATA_REVISIONS)
    for setting in settings:
        listed = "datasets" in setting.name.split(".")[:-1]
        if _is(setting, _DATA_REVISIONS):
            if leads:
                before = setting.value
            elif found and listed:
                found[-1] = (found[-1][0], setting.value)
        elif _is(setting, _DATA):
            found.append((setting.value, before if listed else last))
            before = None
        elif any(setting.name.startswith(mixer) for mixer in _MIXERS):
            key = setting.value.key
            if key is not None:
                text = key.text.strip("\"'")
                found.append((Value(text, key), None))
    return found


def state_environment_revision(scene: Scene, environment: Mapping[str, Value]) -> None:
    """The model that the environment names to an image's own program."""
    state_named_model(scene.estate, scene.workload, environment)


def state_named_model(
    estate: Estate, workload: Thing, environment: Mapping[str, Value]
) -> None:
    """The model that variables of a serving container name, and at which revision."""
    if _offline(environment):
        return
    revision = _variable(environment, _REVISION_VARIABLES)
    for name in _MODEL_VARIABLES:
        value = environment.get(name)
        if value is None:
            continue
        fetch = hub_fetch("model", value, revision)
        if fetch is not None:
            fetch = _at_mirror(fetch, environment)
            state_fetch(estate, workload, fetch, trail=value.trail)
            return


def _at_mirror(fetch: Fetch, environment: Mapping[str, Value]) -> Fetch:
    """The hub that HF_ENDPOINT names: a mirror of the lab holds what the lab put there."""
    value = environment.get("HF_ENDPOINT")
    if value is None or value.is_null or value.data == "":
        return fetch
    if isinstance(value.data, Unknown):
        return fetch._replace(host=value.data._replace(possible=None, parts=()))
    return fetch._replace(host=host_of(str(value.data)))


def _is_group(setting: Setting) -> bool:
    """`model=gpt/small`, `model: gpt/small`: a choice among configs as often as a model."""
    flag = setting.span.text.lstrip("\"'").startswith("-")
    return setting.last == "model" and not flag


def _is(setting: Setting, names: frozenset[str]) -> bool:
    """Whether a setting is one of the names: whole, or by its end."""
    name = setting.name.lower()
    return name.rpartition(".")[2] in names or any(
        "." in n and name.endswith(n) for n in names
    )


def _last(settings: Sequence[Setting], names: frozenset[str]) -> Value | None:
    found = [s.value for s in settings if _is(s, names) and not s.value.is_null]
    return found[-1] if found else None


def _variable(environment: Mapping[str, Value], names: Iterable[str]) -> Value | None:
    return next((environment[n] for n in names if n in environment), None)


def _offline(environment: Mapping[str, Value]) -> bool:
    """Whether the environment keeps the hub's client from the network for certain."""
    values = [environment[n] for n in _OFFLINE if n in environment]
    return any(truth(value) is True for value in values)


def _each(
    kind: str, pairs: Iterable[tuple[Value, Value | None]]
) -> list[tuple[Fetch, Value]]:
    found = []
    for listed, revision in pairs:
        for value in listed.elements() or (listed,):
            for option, sure in alternatives(value) or [(value, True)]:
                fetch = hub_fetch(kind, option, revision) if hub_name(option) else None
                if fetch is None:
                    continue
                if (
                    not sure
                    and fetch.pinned is False
                    and isinstance(value.data, Unknown)
                ):
                    doubt = value.data._replace(possible=None, parts=())
                    fetch = fetch._replace(pinned=doubt)
                found.append((fetch, option))
    return found


def _worst(found: Sequence[tuple[Fetch, Value]]) -> tuple[Fetch, Value]:
    """The first that is not pinned, with the number of the others; else any."""
    loose = {f.what: (f, v) for f, v in reversed(found) if f.pinned is False}
    if loose:
        first = next(reversed(loose))
        fetch, value = loose[first]
        more = f" and {len(loose) - 1} more" if len(loose) > 1 else ""
        return fetch._replace(what=fetch.what + more), value
    return next((p for p in found if isinstance(p[0].pinned, Unknown)), found[0])
