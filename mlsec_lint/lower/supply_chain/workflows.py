"""Workflows and pipelines that reach infrastructure or weights: whose code they run.

Only those that deploy, sign in at a cloud or handle weights are judged: a workflow that
sorts labels says nothing about weights. GitHub's and GitLab's documentation (events that
trigger workflows, security hardening, `include`), read 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import Thing
from mlsec_lint.lower.jobs.ci_around import names_of
from mlsec_lint.lower.jobs.fetches import COMMIT
from mlsec_lint.lower.jobs.github_around import is_loose
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs
    from mlsec_lint.parse.yaml import Document
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

#: What a workflow does that reaches infrastructure or weights.
_DEPLOYS = regex(
    r"\b(?:terraform|tofu|terragrunt)\b|\bkubectl\b|\bhelm\s+(?:upgrade|install)\b"
    r"|\b(?:aws|gcloud|az)\s+[a-z]|\bhuggingface-cli\b|\bhf\s+upload\b|\bsky\s+(?:launch|jobs)\b"
    r"|\bpulumi\b|\bkustomize\b"
)
_DEPLOY_ACTIONS = (
    "aws-actions/",
    "google-github-actions/",
    "azure/",
    "hashicorp/setup-terraform",
    "hashicorp/tfc-",
)
#: Events that anybody can cause and that run with the repository's secrets.
_TARGET = "pull_request_target"
_OUTSIDE = (_TARGET, "issue_comment", "workflow_run")
#: The branch of a pull request, as a checkout or command names it.
_HEAD = regex(
    r"github\.event\.pull_request\.head|github\.head_ref|refs/pull/"
    r"|github\.event\.workflow_run\.head|\bgh\s+pr\s+checkout\b|\bpull/\S{1,80}/(?:head|merge)\b"
)
#: Conditions that let in members of the repository only.
_GUARD = regex(
    r"author_association|head\.repo\.full_name\s*==|head\.repo\.fork|github\.actor\s*=="
    r"|head_repository\.full_name\s*=="
)
_SECRET = regex(r"\bsecrets\.(?!GITHUB_TOKEN\b)[A-Za-z_]\w*|secrets:\s*inherit\b")
_MAX = 500
_MAX_TEXT = 100_000


def lower_workflows(inputs: Inputs, estate: Estate) -> None:
    """State what workflows of GitHub and includes of GitLab say of whose code runs."""
    uses: list[Value] = []
    handles = _Handles(estate)
    for path, document in inputs.documents:
        if document.skipped or not isinstance(document.value.data, dict):
            continue
        if path.startswith(".github/workflows/"):
            uses += _workflow(estate, path, document, handles)
        elif path in handles.gitlab:
            _includes(estate, path, document)
    _pins(estate, uses)


class _Handles:
    """The CI files whose jobs handle weights or sign in at a cloud, and their machines."""

    def __init__(self, estate: Estate) -> None:
        self.github: set[str] = set()
        self.gitlab: set[str] = set()
        self.machines: dict[str, Thing] = {}
        for workload in estate.of("workload"):
            known = {"github-actions": self.github, "gitlab-ci": self.gitlab}
            files = known.get(workload.provider)
            if files is None:
                continue
            path = workload.address.partition("#")[0]
            files.add(path)
            own = workload.fact("runner.by")
            vague = own is not None and isinstance(own.value, Unknown)
            asks = workload.fact("accelerator")
            gpu = asks is not None and asks.value is True
            if own is not None and (own.value == "lab" or (vague and gpu)):
                self.machines.setdefault(path, workload)


# -- workflows ------------------------------------------------------------------


def _workflow(
    estate: Estate, path: str, document: Document, handles: _Handles
) -> list[Value]:
    """The actions of a workflow that reaches something; whose code may start it."""
    root = document.value
    jobs = given(root, "jobs")
    if jobs is None:
        return []
    uses = list(_uses(jobs))
    reaches = path in handles.github or _deploys(root, jobs, uses)
    _strangers(estate, path, document, handles, reaches=reaches)
    return uses if reaches else []


def _strangers(
    estate: Estate, path: str, document: Document, handles: _Handles, *, reaches: bool
) -> None:
    """Whether people without a right in the repository choose what a workflow runs."""
    events = dict(names_of(given(document.value, "on")))
    text = _text(document.span)
    outside = next((e for e in _OUTSIDE if e in events), None)
    state: bool | Unknown = True
    if outside is not None and (reaches or _SECRET.search(text)):
        jobs = list(_open_jobs(document.value))
        head = any(_HEAD.search(_text(job.span)) for job in jobs if job.span)
        if not jobs or not (head or (reaches and outside == _TARGET)):
            return
        span = events[outside]
    elif "pull_request" in events and path in handles.machines:
        span, machine = events["pull_request"], handles.machines[path]
        why = (
            f"{machine.name} runs on machines of the lab: whether pull requests of forks "
            "do, settings of the repository say"
        )
        state = Unknown("environment", why, "pull_request", span=span)
    else:
        return
    thing = Thing("review", path, f"the workflow {path}", span, "github")
    estate.add(thing)
    thing.state("runs.strangers_code", state, span)


def _open_jobs(root: Value) -> Iterator[Value]:
    """The jobs that no condition keeps to members of the repository."""
    jobs = given(root, "jobs")
    for _, job in list(jobs.items())[:_MAX] if jobs is not None else ():
        condition = given(job, "if")
        span = condition.span if condition is not None else None
        if span is None or not _GUARD.search(span.text[:_MAX_TEXT]):
            yield job


def _text(span: Span | None) -> str:
    return span.text[:_MAX_TEXT] if span is not None else ""


def _uses(jobs: Value) -> Iterator[Value]:
    for _, job in list(jobs.items())[:_MAX]:
        called = given(job, "uses")
        if called is not None:
            yield called
        steps = given(job, "steps")
        for step in steps.elements()[:_MAX] if steps is not None else ():
            used = given(step, "uses")
            if used is not None:
                yield used


def _deploys(root: Value, jobs: Value, uses: list[Value]) -> bool:
    """Whether a workflow takes a cloud's identity or runs a tool that deploys."""
    if any(text_of(use).lower().startswith(_DEPLOY_ACTIONS) for use in uses):
        return True
    blocks = [root, *(job for _, job in jobs.items())]
    if any(
        text_of(given(block, "permissions", "id-token")) == "write" for block in blocks
    ):
        return True
    for _, job in list(jobs.items())[:_MAX]:
        steps = given(job, "steps")
        for step in steps.elements()[:_MAX] if steps is not None else ():
            run = given(step, "run")
            text = run.data if run is not None else None
            if isinstance(text, str) and _DEPLOYS.search(text[:_MAX_TEXT]):
                return True
    return False


def _pins(estate: Estate, uses: list[Value]) -> None:
    """One fact for all: the first action that is not pinned, with how many others."""
    loose = [use for use in uses if is_loose(text_of(use))]
    first = loose[0] if loose else uses[0] if uses else None
    span = (first.entry() or first.span) if first is not None else None
    if span is None:
        return
    files = {use.span.path for use in loose if use.span is not None}
    more = f" (and {len(loose) - 1} more, in {len(files)} files)" if loose[1:] else ""
    name = f"a workflow that deploys{more}"
    thing = estate.add(Thing("review", ".github/workflows", name, span, "github"))
    thing.state("actions.pinned", not loose, span)


# -- includes of GitLab -----------------------------------------------------------


class _Include(NamedTuple):
    """One include of another place, and whether it names a commit or digest."""

    span: Span
    pinned: bool | Unknown


def _includes(estate: Estate, path: str, document: Document) -> None:
    """One fact for a pipeline that takes jobs from other places."""
    value = document.value.get("include")
    entries = (value.elements() or (value,)) if value is not None else ()
    found = [one for entry in entries[:_MAX] if (one := _included(entry)) is not None]
    if not found:
        return
    first = next((o for o in found if o.pinned is False), None)
    first = first or next((o for o in found if o.pinned is not True), found[0])
    name = f"the pipeline {path}"
    thing = Thing("review", f"{path}/include", name, first.span, "gitlab")
    thing = estate.add(thing)
    thing.state("actions.pinned", first.pinned, first.span)


def _included(entry: Value) -> _Include | None:
    """An include by project, component or address; None for one of the repository."""
    span = entry.entry() or entry.span
    if span is None:
        return None
    for name in ("project", "component", "remote"):
        value = given(entry, name)
        if value is None:
            continue
        reference = {"project": given(entry, "ref"), "component": value}.get(name)
        if name == "remote":
            return _Include(span, given(entry, "integrity") is not None)
        where = (value.entry() or span) if reference is None else reference.entry()
        return _Include(where or span, _pinned(reference, name))
    text = text_of(entry)
    return _Include(span, pinned=False) if "://" in text else None


def _pinned(reference: Value | None, name: str) -> bool | Unknown:
    if reference is None:  # the head of the project's default branch
        return False
    data = reference.data
    last = data.parts[-1] if isinstance(data, Unknown) and data.parts else data
    if name == "component" and isinstance(last, str) and "@" in last:
        reference = reference.replace(data=last.rpartition("@")[2])
    text = settled(reference).text()
    if isinstance(text, Unknown):
        return text._replace(possible=None, parts=())
    return COMMIT.fullmatch((text or "").strip()) is not None
