"""torchtitan: TOML configs. Names from `torchtitan/config`, releases of 2025, read 2026-11.

Only what a config of this tool needs of TOML is read: tables and one-line scalars, so
that each keeps its place; what else stands there is passed over.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.arguments import Setting, truth
from mlsec_lint.lower.jobs.job_file import settings_secrets
from mlsec_lint.lower.jobs.scene import Scene
from mlsec_lint.lower.jobs.settings import Dialect, apply_settings
from mlsec_lint.patterns import regex
from mlsec_lint.source import Span
from mlsec_lint.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.source import Source

DIALECT = Dialect(
    form="torchtitan",
    reads=frozenset(
        {
            "checkpoint.initial_load_path", "model.hf_assets_path",
            "checkpoint.load_path",
        }
    ),
)  # fmt: skip
_TABLE = regex(r"\s*\[\s*([A-Za-z0-9_.-]+)\s*\]\s*(?:#.*)?")
_PAIR = regex(
    r"\s*([A-Za-z0-9_-]+)\s*=\s*"
    r"(?:\"([^\"\\]*)\"|'([^']*)'|([A-Za-z0-9_+.:-]+))\s*(?:#.*)?"
)
_TABLES = frozenset(
    {"job", "training", "metrics", "parallelism", "optimizer", "profiling", "model"}
)
_MARKS = regex(r"^\[(?:checkpoint|metrics)\]", re.MULTILINE)
_MAX_TEXT = 200_000


def is_torchtitan(settings: list[Setting]) -> bool:
    """A `[checkpoint]` table beside two of torchtitan's other tables, or four of these.

    A config without checkpoints may still name a tracker.
    """
    tables = {setting.name.partition(".")[0] for setting in settings}
    return len(tables & _TABLES) >= (2 if "checkpoint" in tables else 4)


def lower_torchtitan(inputs: Inputs, estate: Estate) -> None:
    """Lower torchtitan configs among the texts of a scan."""
    for source in inputs.texts:
        if not source.path.endswith(".toml") or not _MARKS.search(source.text):
            continue
        settings = list(toml_settings(source))
        if is_torchtitan(settings):
            name = DIALECT.form
            inputs.recognised[name] = inputs.recognised.get(name, 0) + 1
            _job(estate, source, settings)


def toml_settings(source: Source) -> Iterator[Setting]:
    """Scalars of a TOML text as dotted settings, each with its line's span."""
    table, at, quoted = "", 0, ""
    for line in source.text[:_MAX_TEXT].split("\n"):
        start, at = at, at + len(line) + 1
        marks = [mark for mark in ('"""', "'''") if line.count(mark) % 2]
        if quoted or marks:  # inside a text of many lines
            quoted = "" if quoted in marks else quoted or marks[0]
            continue
        head = _TABLE.fullmatch(line.rstrip("\r"))
        if head is not None:
            table = head[1]
            continue
        pair = _PAIR.fullmatch(line.rstrip("\r"))
        if pair is None:
            continue
        group = next(number for number in (2, 3, 4) if pair[number] is not None)
        key = Span(source, start + pair.start(1), start + pair.end(1))
        value = Value(
            pair[group],
            Span(source, start + pair.start(group), start + pair.end(group)),
            key=key,
        )
        name = f"{table}.{pair[1]}" if table else pair[1]
        whole = Span(source, key.start, start + pair.end(group))
        yield Setting(name.replace("-", "_"), value, whole)


def _job(estate: Estate, source: Source, settings: list[Setting]) -> None:
    stem = source.path.rpartition("/")[2].removesuffix(".toml")
    first = settings[0].span
    address = estate.free("workload", f"{source.path}#{stem}")
    workload = Thing("workload", address, address, first, provider=DIALECT.form)
    estate.add(workload)
    workload.state("type", "job-file", first)
    scene = Scene(estate, workload, workload, {})
    program = scene.program(DIALECT.form, first)
    apply_settings(scene, program, DIALECT, settings, {})
    settings_secrets(estate, workload, settings)
    _checkpoints(scene, program, settings)


def _checkpoints(scene: Scene, program: Thing, settings: list[Setting]) -> None:
    """The checkpoint folder, which lies in the job's dump folder unless it is a path.

    No checkpoint is written unless the table switches it on.
    """
    known = {setting.name: setting for setting in settings}
    switch = known.get("checkpoint.enable") or known.get("checkpoint.enable_checkpoint")
    if switch is None or truth(switch.value) is False:
        return
    folder = known.get("checkpoint.folder") or known.get("checkpoint.checkpoint_folder")
    dump = known.get("job.dump_folder")
    chosen = folder or dump
    if chosen is None:
        return
    text = chosen.value.data
    if folder is not None and dump is not None and isinstance(text, str):
        absolute = text.startswith("/") or "://" in text
        base = str(dump.value.data).rstrip("/")
        text = text if absolute else f"{base}/{text}"
    words = f"writes checkpoints to {text}"
    place = chosen.value.replace(data=text)
    scene.weights_at(place, "writes", words, chosen.span, program)
