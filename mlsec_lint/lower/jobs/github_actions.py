"""GitHub Actions: workflows and composite actions, as far as their steps touch models.

Fields from docs.github.com/actions/reference/workflow-syntax, read 2026-11.
"""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.jobs.arguments import Setting
from mlsec_lint.lower.jobs.ci import MAX_STEPS, CiJob, Effort, Step, lower_ci_jobs
from mlsec_lint.lower.jobs.ci_around import names_of
from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.github_around import around_job, used
from mlsec_lint.lower.jobs.github_calls import Called, inputs_of
from mlsec_lint.lower.jobs.github_contexts import block, expressed
from mlsec_lint.lower.jobs.inline_python import python_program
from mlsec_lint.lower.jobs.run import script_source
from mlsec_lint.lower.jobs.transfers import Transfer
from mlsec_lint.lower.jobs.uploads import Upload, state_upload
from mlsec_lint.lower.jobs.weight_words import kept_weights, names_model
from mlsec_lint.lower.scalars import given, text_of
from mlsec_lint.lower.secrets import secret_under, state_secret
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.lower.jobs.run import Runner
    from mlsec_lint.source import Span

#: Conditions that only say when a step runs. What else one reads may be never true.
_DECIDED = regex(r"\b(?:inputs|vars|env|matrix|needs|steps|hashFiles)\b")


class _Action(NamedTuple):
    """Inputs with the path and the target, the target's scheme or the fixed host."""

    source: str
    target: str
    scheme: str
    host: str
    service: str


#: Actions that send files somewhere. Their READMEs, read 2026-11.
_ACTIONS: dict[str, _Action] = {
    "actions/upload-artifact": _Action("path", "", "", "https://github.com", "http"),
    "google-github-actions/upload-cloud-storage": _Action(
        "path", "destination", "gs", "", "gcs"
    ),
    "actions/cache": _Action("path", "", "", "https://github.com", "http"),
    "actions/cache/save": _Action("path", "", "", "https://github.com", "http"),
    "actions/upload-release-asset": _Action(
        "asset_path", "", "", "https://github.com", "http"
    ),
    "softprops/action-gh-release": _Action(
        "files", "", "", "https://github.com", "http"
    ),
    "ncipollo/release-action": _Action(
        "artifacts", "", "", "https://github.com", "http"
    ),
    "nateraw/huggingface-sync-action": _Action(
        "", "huggingface_repo_id", "", "", "huggingface"
    ),
    "huggingface/hub-sync": _Action("", "huggingface_repo_id", "", "", "huggingface"),
}
#: Actions whose input is a script.
_SCRIPTS = {"azure/cli": "inlineScript"}


def is_workflow(value: Value) -> bool:
    """`on` and `jobs`, one of which has steps or calls another workflow."""
    keys = value.data.keys() if isinstance(value.data, dict) else set()
    jobs = given(value, "jobs")
    if not {"on", "jobs"} <= keys or jobs is None:
        return False
    return any(
        job.get("steps") is not None or job.get("uses") is not None
        for _, job in jobs.items()
        if isinstance(job.data, dict)
    )


def is_composite_action(value: Value) -> bool:
    """`runs` that uses `composite`, with steps."""
    return text_of(given(value, "runs", "using")) == "composite"


def lower_github_actions(inputs: Inputs, estate: Estate) -> None:
    """Lower the jobs of workflows and composite actions that touch models."""
    configs, effort = Configs(inputs), Effort()
    called = Called(inputs)
    for path, document in inputs.documents:
        root = document.value
        if id(document) in inputs.claimed or document.skipped:
            continue
        if is_workflow(root):
            jobs = _jobs(root, called, inputs_of(root, None), 0)
        elif is_composite_action(root):
            jobs = iter([_composite(root, called)])
        else:
            continue
        if called.only_called(path, root):
            jobs = iter(())
        lower_ci_jobs(
            inputs, estate, path, document, "github-actions", jobs, configs, effort
        )


def _jobs(
    root: Value, called: Called, inputs: Mapping[str, Value], depth: int
) -> Iterator[CiJob]:
    """The jobs of a workflow, those of workflows that it calls in their place."""
    jobs = given(root, "jobs")
    for name, job in jobs.items() if jobs is not None else ():
        found = called.find(text_of(given(job, "uses")))
        if found is not None:
            if called.enter(depth):
                yield from _called_jobs(
                    name, job, (root, found[1]), called, inputs, depth
                )
            continue
        container = given(job, "container")
        image = container
        blocks = [block(inputs, root), root, *_matrix(job), job]
        if container is not None and isinstance(container.data, dict):
            image = given(container, "image")
            blocks.append(container)
        if isinstance(job.data, dict):
            steps = list(islice(_steps(job, called), MAX_STEPS))
            around = around_job(root, job, {**inputs, **_cells(job)})
            yield CiJob(
                name,
                job.key,
                image,
                around.labels,
                tuple(blocks),
                "env",
                steps,
                given(job, "outputs"),
                used(around, _uses(steps, blocks)),
            )


def _called_jobs(
    name: str,
    job: Value,
    roots: tuple[Value, Value],
    called: Called,
    inputs: Mapping[str, Value],
    depth: int,
) -> Iterator[CiJob]:
    """The jobs of a called workflow. The caller's environment does not reach them.

    Its events do: `roots` are the calling and the called workflow.
    """
    caller, root = roots
    if text_of(given(job, "if")) == "false":
        return
    passed = {n: expressed(v, inputs) for n, v in inputs_of(root, job).items()}
    outer = names_of(given(caller, "on"))
    for inner in _jobs(root, called, passed, depth + 1):
        around = inner.around._replace(started=outer or inner.around.started)
        yield inner._replace(name=f"{name}/{inner.name}", around=around)


def _uses(
    steps: Iterable[Step], blocks: Sequence[Value]
) -> Iterator[tuple[Value, dict[str, Value]]]:
    """The steps that use actions, with what their inputs may name."""
    outer = _known(blocks, {})
    for step in steps:
        if step.acts is not None and step.uses is not None:
            yield step.uses, _known(step.blocks, outer)


def _known(blocks: Iterable[Value], outer: dict[str, Value]) -> dict[str, Value]:
    """What expressions may name: the environments of blocks over those further out."""
    known = outer
    for around in blocks:
        variables = given(around, "env")
        for name, value in variables.items() if variables is not None else ():
            known = {**outer} if known is outer else known
            known[name if "." in name else f"env.{name}"] = expressed(value, known)
    return known


def _matrix(job: Value) -> list[Value]:
    """What the matrix says, where every axis has one value."""
    found = _cells(job)
    return [block(found, job)] if found else []


def _cells(job: Value) -> dict[str, Value]:
    axes = given(job, "strategy", "matrix")
    found: dict[str, Value] = {}
    for name, axis in axes.items() if axes is not None else ():
        cells = axis.elements()
        if name not in ("include", "exclude") and cells:
            found[f"matrix.{name}"] = (
                cells[0] if len(cells) == 1 else _one_of(name, axis)
            )
    return found


def _one_of(name: str, axis: Value) -> Value:
    why = f"matrix.{name} runs over several values"
    known = all(isinstance(cell.data, str) for cell in axis.elements())
    possible = axis.elements() if known else None
    unknown = Unknown("environment", why, f"matrix.{name}", possible=possible)
    return axis.replace(data=unknown._replace(span=axis.span))


def _composite(root: Value, called: Called) -> CiJob:
    runs = given(root, "runs")
    steps = list(islice(_steps(runs, called), MAX_STEPS)) if runs is not None else []
    key = runs.key if runs is not None else None
    blocks = (block(inputs_of(root, None), root),)
    return CiJob("", key, None, (), blocks, "env", steps)


def _steps(
    job: Value,
    called: Called,
    around: tuple[Value, ...] = (),
    depth: int = 0,
    *,
    branch: bool = False,
) -> Iterator[Step]:
    """The steps of a job; those of a composite action in the place of its call."""
    if text_of(given(job, "if")) == "false":
        return
    steps = given(job, "steps")
    for step in steps.elements() if steps is not None else ():
        condition = given(step, "if")
        if text_of(condition) == "false":
            continue
        maybe = branch or (condition is not None and _undecided(condition))
        blocks, name = (*around, step), text_of(given(step, "id"))
        run, uses = given(step, "run"), text_of(given(step, "uses"))
        if run is not None and text_of(given(step, "shell")).startswith("python"):
            yield Step(None, blocks, maybe, acts=partial(_python, run))
        elif run is not None:
            yield Step(run, blocks, maybe, name=name)
        elif (found := called.find(uses)) is not None:
            runs = given(found[1], "runs")
            if runs is not None and called.enter(depth):
                given_inputs = block(inputs_of(found[1], step), step)
                inner = (*around, given_inputs, step)
                yield from islice(
                    _steps(runs, called, inner, depth + 1, branch=maybe), MAX_STEPS
                )
        elif uses:
            script = _SCRIPTS.get(uses.partition("@")[0].lower())
            inline = given(step, "with", script) if script else None
            act = partial(_action, step)
            yield Step(inline, blocks, maybe, acts=act, name=name, uses=step)


def _undecided(condition: Value) -> bool:
    text = condition.text()
    if not isinstance(text, str):
        text = condition.span.text if condition.span is not None else ""
    return _DECIDED.search(text) is not None


def _python(run: Value, runner: Runner, own: dict[str, Value], branch: bool) -> None:
    source = script_source(run)
    if source is not None:
        python_program(runner.scene, source, own, branch=branch)


def _action(step: Value, runner: Runner, own: dict[str, Value], branch: bool) -> None:
    """A known action that sends files: the same as a command that does."""
    _secrets(step, runner, own)
    uses = given(step, "uses")
    row = _ACTIONS.get(text_of(uses).partition("@")[0].lower())
    if row is None or uses is None:
        return
    span = uses.entry() or uses.span
    path = given(step, "with", row.source) if row.source else None
    target = given(step, "with", row.target) if row.target else None
    path = expressed(path, own) if path is not None else None
    target = expressed(target, own) if target is not None else None
    if span is None or (row.target and target is None):
        return
    if row.scheme and target is not None and isinstance(target.data, str):
        target = target.replace(data=f"{row.scheme}://{target.data}")
    if row.host:
        if path is not None and names_model(text_of(given(step, "with", "name"))):
            _kept(runner, span, branch=branch)
            return
        if path is None or not kept_weights(path):
            return
        target = Value(row.host, span)
    settings = tuple(arguments_of(given(step, "with")))
    sources = (path,) if path is not None else ()
    hub = row.service == "huggingface"
    move = Transfer(
        row.service,
        sources,
        None if hub else target,
        "hub" if hub else "command",
        settings,
        target if hub else None,
    )
    runner.moves.append((move, span, own, branch))


def _kept(runner: Runner, span: Span, *, branch: bool) -> None:
    """An artifact that is called after a model, whatever its files are called."""
    why = "whether this step runs is not known"
    on: bool | Unknown = Unknown("environment", why, span=span) if branch else True
    found = Upload("command", "http", "weights", span, "github.com", enabled=on)
    state_upload(runner.scene, None, found)


def _secrets(step: Value, runner: Runner, own: dict[str, Value]) -> None:
    """Credentials that a step hands to its action: written out, or named."""
    inputs, holder = given(step, "with"), runner.scene.workload
    for name, value in inputs.items() if inputs is not None else ():
        found = secret_under(name, expressed(value, own).replace(key=value.key))
        switch = isinstance(value.data, bool) or value.data in ("", "true", "false")
        if found is not None and not (value.is_null or switch):
            state_secret(runner.scene.estate, holder, found, holder.address, name)


def arguments_of(block: Value | None) -> Iterator[Setting]:
    """The inputs of an action, as settings."""
    for name, value in block.items() if block is not None else ():
        span = value.entry() or value.span
        if span is not None:
            yield Setting(name, value, span)
