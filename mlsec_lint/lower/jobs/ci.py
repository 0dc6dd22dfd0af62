"""What CI files share: a job becomes a workload only where it touches models or a cloud.

Most CI jobs build and test code. Each is read into an estate of its own first; where
that shows a model program, weights, a hub or a sign-in at a cloud, the job is read into
the scan's estate.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Estate
from mlsec_lint.lower.jobs.ci_around import Around, at_a_cloud, state_around
from mlsec_lint.lower.jobs.github_contexts import expressed, handed_on
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.job_file import job_workload
from mlsec_lint.lower.jobs.run import Runner, script_source
from mlsec_lint.lower.jobs.scene import Scene
from mlsec_lint.lower.jobs.script_job import job_container, variables
from mlsec_lint.lower.jobs.shell import read_script
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mlsec_lint.estate import Thing
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.configs import Configs
    from mlsec_lint.parse.document import Document
    from mlsec_lint.source import Span

MAX_STEPS = 2_000
#: Characters of scripts, and variables around them, that the CI files of a scan may have
#: read. Aliases and templates let a small file say a large script ten thousand times.
MAX_EFFORT = 6_000_000
#: What a variable of the environment and a job cost, in characters of a script.
_VARIABLE, _JOB = 20, 500
#: Programs that by themselves show that a job trains or serves a model. Not every
#: launcher: `composer` is PHP's and `swift` a compiler in most CI files.
_STRONG = frozenset(
    {"torchrun", "accelerate", "deepspeed", "llamafactory-cli", "vllm", "sglang", "tgi",
     "trt-llm", "lmdeploy", "verl"}
)  # fmt: skip


class Step(NamedTuple):
    """One step: its script (or what else it does), its own environment.

    * `blocks`: mappings that hold an `env` of the step, outermost first;
    * `branch`: it runs under a condition that the file does not decide;
    * `same_shell`: variables that it sets are there in the next step;
    * `acts`: states what a step without a script does;
    * `name`: by which later steps read its outputs;
    * `uses`: the step itself, where it uses an action.
    """

    script: Value | None
    blocks: tuple[Value, ...] = ()
    branch: bool = False
    same_shell: bool = False
    acts: Callable[[Runner, dict[str, Value], bool], None] | None = None
    name: str = ""
    uses: Value | None = None


class Effort:
    """What the reading of CI files may still cost in one scan."""

    def __init__(self) -> None:
        self.left = MAX_EFFORT
        self.noted: set[str] = set()

    def spend(self, step: Step, around: Mapping[str, Value]) -> bool:
        """Whether one more step may be read."""
        text = step.script.data if step.script is not None else ""
        length = len(text) if isinstance(text, str) else 0
        self.left -= length + _VARIABLE * (len(around) + len(step.blocks) + 1)
        return self.left >= 0

    def begin(self) -> bool:
        """Whether one more job may be read."""
        self.left -= _JOB
        return self.left >= 0

    def note(self, path: str, where: Span | None) -> Iterator[Note]:
        """That a file was not read to its end; once for each."""
        if path not in self.noted:
            self.noted.add(path)
            words = "the jobs of the CI files are too large together:"
            words += " the rest of this file was not read"
            yield Note("script-bound", words, path, where, incomplete=True)


class CiJob(NamedTuple):
    """One job of a CI file. `labels` name the machines that may run it.

    `outputs` is what it hands to the jobs that need it; `around` what is said of it
    beside its steps.
    """

    name: str
    span: Span | None
    image: Value | None
    labels: tuple[Value, ...]
    blocks: tuple[Value, ...]
    field: str
    steps: Sequence[Step]
    outputs: Value | None = None
    around: Around = Around()


def lower_ci_jobs(
    inputs: Inputs,
    estate: Estate,
    path: str,
    document: Document,
    form: str,
    jobs: Iterable[CiJob],
    configs: Configs,
    effort: Effort,
) -> None:
    """Lower those jobs of a CI file that touch models; the file is counted anyway."""
    inputs.recognised[form] = inputs.recognised.get(form, 0) + 1
    needs: dict[str, Value] = {}
    for job in jobs:
        if not effort.begin():
            estate.note(effort.note(path, job.span))
            break
        trial = Estate()
        handed = _lower(trial, path, document, form, job, lambda _: None, needs, effort)
        if not (_touches_models(trial) or at_a_cloud(job.around)):
            estate.note(trial.notes)
        else:
            inputs.claimed.add(id(document))
            find = partial(_found, configs, path)
            _lower(estate, path, document, form, job, find, needs, effort)
        needs.update(handed)


def _found(configs: Configs, near: str, path: str) -> Value | None:
    return configs.find(path, near)


def _touches_models(trial: Estate) -> bool:
    """Whether something in a job's own estate speaks of weights."""
    for thing in trial.things.values():
        if thing.evidence or (thing.kind == "program" and _telling(thing)):
            return True
        carried = thing.fact("carries") if thing.kind == "upload" else None
        if carried is not None and carried.value == "weights":
            return True
    return False


def _telling(program: Thing) -> bool:
    form = program.fact("format")
    return len(program.facts) > 1 or (form is not None and form.value in _STRONG)


def _lower(
    estate: Estate,
    path: str,
    document: Document,
    form: str,
    job: CiJob,
    config: Callable[[str], Value | None],
    needs: dict[str, Value],
    effort: Effort,
) -> dict[str, Value]:
    """Lower one job; what it hands to those that need it."""
    workload = job_workload(estate, path, document, form, job.name, kind="pipeline")
    workload.span = job.span or workload.span
    accelerator, where = _accelerator(job)
    workload.state("accelerator", accelerator, where or workload.span)
    if job.image is not None:
        span = job.image.entry() or job.image.span
        state_image(job_container(estate, workload, "job", span), job.image)
    state_around(estate, workload, job.around)
    own = _environment(estate, workload, job.blocks, job.field, needs)
    environment = {**needs, **own}
    scene = Scene(
        estate,
        workload,
        workload,
        environment,
        accelerator=accelerator is True,
        config=config,
    )
    runner = Runner(scene)
    for step in job.steps[:MAX_STEPS]:
        if not effort.spend(step, environment):
            estate.note(effort.note(path, job.span))
            break
        inner = _environment(estate, workload, step.blocks, job.field, environment)
        _step(runner, step, {**environment, **inner}, environment)
    if len(job.steps) >= MAX_STEPS:
        words = f"the job has {MAX_STEPS:,} steps or more: no further one was read"
        note = Note("script-bound", words, path, job.span, incomplete=True)
        estate.note([note])
    runner.finish()
    outputs = job.outputs.items() if job.outputs is not None else ()
    return {
        f"needs.{job.name}.outputs.{name}": expressed(value, environment)
        for name, value in outputs
    }


def _step(
    runner: Runner, step: Step, own: dict[str, Value], shared: dict[str, Value]
) -> None:
    if step.acts is not None:
        step.acts(runner, own, step.branch)
    source = script_source(step.script) if step.script is not None else None
    if source is None:
        return
    if not step.same_shell:
        script = read_script(source, own, files=runner.scene.sourced)
        runner.read(script, branch=step.branch)
        shared.update(handed_on(script, step.name, branch=step.branch))
        return
    script = read_script(source, own)
    runner.read(script, branch=step.branch)
    shared.update({n: v for n, v in script.variables.items() if own.get(n) is not v})


def _environment(
    estate: Estate,
    workload: Thing,
    blocks: Sequence[Value],
    field: str,
    around: Mapping[str, Value],
) -> dict[str, Value]:
    """What blocks set, outermost first; expressions read what is set further out."""
    found: dict[str, Value] = {}
    for block in blocks:
        known = {**around, **found}
        for name, value in variables(estate, workload, block, (field,)).items():
            if isinstance(value.data, dict):  # GitLab: a value with a description
                found[name] = value.get("value") or value.replace(data="")
                continue
            found[name] = expressed(value, known)
            if field == "env" and "." not in name:
                found[f"env.{name}"] = found[name]
    return found


def _accelerator(job: CiJob) -> tuple[bool | Unknown, Span | None]:
    """A runner is called after its accelerators; a name that is not known may be."""
    doubt: tuple[bool | Unknown, Span | None] = (False, None)
    for label in job.labels:
        text = label.text()
        where = label.entry() or label.span
        if isinstance(text, Unknown):
            doubt = (text, where)
        elif text is not None and _GPU & set(text.lower().replace("_", "-").split("-")):
            return True, where
    return doubt


_GPU = frozenset(
    {"gpu", "gpus", "cuda", "a100", "h100", "h200", "b200", "l4", "t4", "v100", "a10",
     "a10g", "mi250", "mi300", "mi325", "mi355", "tpu", "hpu", "npu", "rocm"}
)  # fmt: skip
