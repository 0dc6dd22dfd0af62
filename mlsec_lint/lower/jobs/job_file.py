"""Job files that are nothing but settings: one workload each, `file#name`."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.arguments import Setting, flatten
from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.interpolation import interpolated
from mlsec_lint.lower.jobs.scene import Scene
from mlsec_lint.lower.jobs.settings import Dialect, apply_settings
from mlsec_lint.lower.secrets import secret_under, state_secret
from mlsec_lint.patterns import regex
from mlsec_lint.source import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.paths import Mounted
    from mlsec_lint.parse.document import Document
    from mlsec_lint.value import Value


_MAX_KEYS = 1_000
_NO_SECRET = regex(
    r"(?i:true|false|yes|no|on|off)|[-+]?\d{0,12}\.?\d{0,12}(?:e[-+]?\d+)?"
)


def unclaimed(
    inputs: Inputs, recognise: Callable[[Value], bool], form: str
) -> Iterator[tuple[str, Document]]:
    """Documents that no other format has claimed and that `recognise` knows.

    They are claimed and counted: one document is one job.
    """
    for path, document in inputs.documents:
        if id(document) in inputs.claimed or document.skipped:
            continue
        data = document.value.data  # a vocabulary holds every word, and is no config
        if (
            isinstance(data, dict)
            and len(data) <= _MAX_KEYS
            and recognise(document.value)
        ):
            parts = inputs.groups.get(id(document), ())
            inputs.claimed.update(id(d) for d in (document, *parts))
            inputs.recognised[form] = inputs.recognised.get(form, 0) + 1
            yield path, document


def job_workload(
    estate: Estate,
    path: str,
    document: Document,
    form: str,
    name: str = "",
    kind: str = "job-file",
) -> Thing:
    """The workload of a job file; its name, else the file's own without suffix."""
    stem = posixpath.basename(path).split(".")[0]
    label = name or stem
    address = estate.free("workload", f"{path}#{label}")
    thing = Thing("workload", address, address, header(document), provider=form)
    estate.add(thing)
    thing.state("type", kind, thing.span)
    return thing


def header(document: Document) -> Span:
    """A narrow span for a whole file: its first key, or its first line."""
    first = next((value for _, value in document.value.items()), None)
    if first is not None and first.key is not None:
        return first.key
    span = document.span
    stop = span.source.text.find("\n", span.start, span.end)
    return Span(span.source, span.start, stop if stop >= 0 else span.end)


def lower_settings_files(
    inputs: Inputs,
    estate: Estate,
    dialect: Dialect,
    recognise: Callable[[Value], bool],
    extras: Callable[[Scene, Thing, list[Setting]], None] | None = None,
    counted: Callable[[list[Setting]], list[Setting]] | None = None,
    around: Callable[[Estate, Thing, list[Setting]], list[Mounted]] | None = None,
) -> None:
    """Lower every file of a format that is nothing but settings.

    `extras` states what a dialect cannot say; `counted` gives the settings that mean
    what the dialect says of their names; `around` states what stands around the
    program, and gives what is mounted. `env_vars` are the program's environment.
    """
    configs: list[Configs] = []  # made where a setting names a file

    def config(name: str) -> Value | None:
        if not configs:
            configs.append(Configs(inputs))
        return configs[0].find(name, path)

    for path, document in unclaimed(inputs, recognise, dialect.form):
        workload = job_workload(estate, path, document, dialect.form)
        settings = interpolated(flatten(document.value))
        environment = {
            s.last: s.value for s in settings if s.name.startswith("env_vars.")
        }
        mounted = around(estate, workload, settings) if around is not None else []
        scene = Scene(
            estate, workload, workload, environment, mounted=mounted, config=config
        )
        program = scene.program(dialect.form, workload.span)
        meant = settings if counted is None else counted(settings)
        apply_settings(scene, program, dialect, meant, scene.environment)
        settings_secrets(estate, workload, settings)
        if extras is not None:
            extras(scene, program, settings)


def settings_secrets(
    estate: Estate, workload: Thing, settings: Sequence[Setting]
) -> None:
    """State the credentials that stand among settings."""
    for setting in settings:
        value = setting.value
        if value.elements() or isinstance(value.data, dict | bool):
            continue
        if isinstance(value.data, str) and _NO_SECRET.fullmatch(value.data.strip()):
            continue  # `balance_dp_token: false`, `pad_token: 0`
        found = secret_under(setting.last, value)
        if found is not None:
            state_secret(estate, workload, found, workload.address, setting.name)
