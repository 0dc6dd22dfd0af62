"""DVC: remotes of `.dvc/config`, stages and artifacts of `dvc.yaml`.

Fields from dvc.org/doc/user-guide/project-structure, read 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.arguments import Setting
from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.datasets import state_datasets
from mlsec_lint.lower.jobs.dvc_remotes import pairs
from mlsec_lint.lower.jobs.endpoint_things import state_endpoint
from mlsec_lint.lower.jobs.endpoints import put_at_endpoint
from mlsec_lint.lower.jobs.job_file import job_workload, unclaimed
from mlsec_lint.lower.jobs.run import Runner, script_source
from mlsec_lint.lower.jobs.script_job import job_scene
from mlsec_lint.lower.jobs.weight_words import speaks_of_weights
from mlsec_lint.lower.scalars import given, text_of
from mlsec_lint.lower.secrets import secret_under, state_secret
from mlsec_lint.lower.stores import referred_store
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.scene import Scene
    from mlsec_lint.source import Source, Span

_SECRETS = frozenset(
    {
        "secret_access_key", "access_key_id", "session_token", "sas_token", "account_key",
        "connection_string", "client_secret", "password", "gdrive_client_secret",
        "oss_key_secret",
    }
)  # fmt: skip


#: More entries of a stage are not looked at.
_MOST = 500


def lower_dvc(inputs: Inputs, estate: Estate) -> None:
    """Lower DVC's config (INI) and pipelines: the remote holds what is tracked."""
    models = _model_spans(inputs)
    for source in inputs.texts:
        path = source.path
        if path.endswith((".dvc/config", ".dvc/config.local")):
            inputs.recognised["dvc"] = inputs.recognised.get("dvc", 0) + 1
            _remotes(estate, source, models)
    configs = Configs(inputs)
    for path, document in unclaimed(inputs, _is_pipeline, "dvc"):
        workload = job_workload(estate, path, document, "dvc", kind="pipeline")
        scene = job_scene(estate, workload, {}, [], False, configs)  # noqa: FBT003
        runner = Runner(scene)
        stages = given(document.value, "stages")
        for _, stage in stages.items() if stages is not None else ():
            _external(scene, stage)
            command = given(stage, "cmd")
            for line in (command.elements() or (command,)) if command else ():
                text = script_source(line)
                if text is not None:
                    runner.script(text, {})
        runner.finish()


def _external(scene: Scene, stage: Value) -> None:
    """Dependencies and outputs of a stage that lie in a bucket and not in the repository.

    An entry with a mapping behind it (`s3://b/m: {cache: false}`) is meant as well.
    """
    for field, verb in (("deps", "reads"), ("outs", "writes")):
        listed = given(stage, field)
        for entry in listed.elements()[:_MOST] if listed is not None else ():
            name, behind = next(entry.items(), ("", entry))
            value = Value(name, behind.key) if behind.key and name else entry
            text, span = text_of(value), value.span
            if span is None or "://" not in text:
                continue
            if speaks_of_weights(text):
                words = f"{verb} {text} in a stage of DVC"
                scene.weights_at(value, verb, words, span, None)
            elif verb == "reads":
                state_datasets(scene, [Setting("dataset", value, span)])


def _is_pipeline(value: Value) -> bool:
    """`stages` that have commands with dependencies or outputs."""
    stages = given(value, "stages")
    return stages is not None and any(
        stage.get("cmd") is not None
        and (stage.get("outs") is not None or stage.get("deps") is not None)
        for _, stage in stages.items()
    )


def _model_spans(inputs: Inputs) -> list[tuple[str, Span]]:
    """What DVC tracks that is a model: artifacts of that type, outputs so called."""
    found: list[tuple[str, Span]] = []
    for _, document in inputs.documents:
        root = document.value
        artifacts = given(root, "artifacts")
        for name, artifact in artifacts.items() if artifacts is not None else ():
            kind = given(artifact, "type")
            if kind is not None and text_of(kind) == "model" and kind.entry():
                found.append(
                    (f"DVC tracks the model {name}", kind.entry() or document.span)
                )
        stages = given(root, "stages")
        for _, stage in stages.items() if stages is not None else ():
            outputs = given(stage, "outs")
            for output in outputs.elements() if outputs is not None else ():
                text = text_of(output)
                if output.span is not None and text and speaks_of_weights(text):
                    found.append((f"DVC tracks {text}", output.span))
    return found[:50]


def _remotes(estate: Estate, source: Source, models: list[tuple[str, Span]]) -> None:
    entries = list(pairs(source))
    endpoints = {name: v for _, name, key, v in entries if key == "endpointurl"}
    for section, name, key, value in entries:
        if section != "remote":
            continue
        if key == "url":
            named = referred_store(estate, value)
            for store in named.stores if named is not None else ():
                if name in endpoints:
                    _elsewhere(estate, store, endpoints[name])
                for words, span in models:
                    store.holds_weights(
                        "referenced", f"{words} and keeps it in the remote {name}", span
                    )
        elif key in _SECRETS:
            found = secret_under(key, value)
            if found is not None:
                address = f"{source.path}#{name}"
                holder = estate.find("workload", address)
                state_secret(estate, holder, found, address, key)


def _elsewhere(estate: Estate, store: Thing, endpoint: Value) -> None:
    """The remote's S3 is not Amazon's: an undeclared bucket lies at that endpoint."""
    if endpoint.span is None:
        return
    put_at_endpoint(store, endpoint)
    declared = store.fact("declared")
    if declared is not None and declared.value is False:
        span = endpoint.entry() or endpoint.span
        state_endpoint(estate, store, "s3", "endpointurl", endpoint, span)
