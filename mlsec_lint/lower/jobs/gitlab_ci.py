"""GitLab CI files, as far as their jobs touch models.

Fields from docs.gitlab.com/ci/yaml, read 2026-11. `include` of files of the repository,
`extends` and `!reference` are followed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.ci import MAX_STEPS, CiJob, Effort, Step, lower_ci_jobs
from mlsec_lint.lower.jobs.configs import Configs
from mlsec_lint.lower.jobs.gitlab_around import around_job, keeps
from mlsec_lint.lower.jobs.gitlab_includes import Includes
from mlsec_lint.lower.scalars import given
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs

#: Top-level words that are no jobs, and those that only a GitLab file has.
_WORDS = frozenset(
    {"stages", "variables", "default", "include", "workflow", "image", "services",
     "cache", "before_script", "after_script", "spec", "pages"}
)  # fmt: skip
_BESIDE = frozenset(
    {"stage", "rules", "only", "except", "tags", "needs", "extends", "artifacts",
     "before_script", "after_script", "dependencies", "allow_failure"}
)  # fmt: skip
_OTHERS = frozenset({"apiVersion", "on", "jobs", "steps", "run", "setup", "services"})
_REFERENCE = regex(r"!reference\s*\[([^\[\]]{1,500})\]")
_MAIN = regex(r"(?:^|/)\.gitlab-ci\.ya?ml$")
_MAX_EXTENDS = 11  # GitLab's own limit
_MAX_NESTED = 10


def is_gitlab_ci(value: Value) -> bool:
    """A job with a script, and `stages` or another word of GitLab's in such a job."""
    if not isinstance(value.data, dict) or _OTHERS & (value.data.keys() - _WORDS):
        return False
    staged = given(value, "stages") is not None
    return any(
        given(job, "script") is not None and (staged or _BESIDE & job.data.keys())
        for job in value.data.values()
        if isinstance(job.data, dict)
    )


def lower_gitlab_ci(inputs: Inputs, estate: Estate) -> None:
    """Lower the jobs of GitLab CI files that touch models."""
    configs, includes, effort = Configs(inputs), Includes(inputs), Effort()
    for path, document in inputs.documents:
        if id(document) in inputs.claimed or document.skipped:
            continue
        root = document.value
        if given(root, "include") is not None and not path.startswith(".github/"):
            root = includes.merged(path, root)
        if is_gitlab_ci(root):
            by_itself = path not in includes.included or _MAIN.search(path)
            jobs = _jobs(root) if by_itself else iter(())
            lower_ci_jobs(
                inputs, estate, path, document, "gitlab-ci", jobs, configs, effort
            )
    estate.note(includes.notes)


def _jobs(root: Value) -> Iterator[CiJob]:
    default = given(root, "default")
    for name, job in root.items():
        hidden = name.startswith(".") or (name in _WORDS and name != "pages")
        if hidden or not isinstance(job.data, dict):
            continue
        chain = _chain(root, job)
        script = _first(chain, "script")
        if script is None:
            continue
        behind = [*chain, *((default,) if default is not None else ()), root]
        behind = [_resolved(root, block) for block in behind]
        image = _first(behind, "image")
        if image is not None and isinstance(image.data, dict):
            image = given(image, "name")
        steps = [
            Step(line, same_shell=True)
            for part in ("before_script", "script", "after_script")
            for line in _lines(root, _first(behind, part))
        ]
        steps = [*steps[: MAX_STEPS - 1], Step(None, acts=keeps(behind))]
        blocks = tuple(_variables(root, block) for block in (root, *reversed(chain)))
        around = around_job(root, behind, blocks)
        yield CiJob(
            name,
            job.key,
            image,
            around.labels,
            blocks,
            "variables",
            steps,
            around=around,
        )


#: Keys of a job whose value may be a reference as a whole.
_REFERRED = ("rules", "tags", "image", "services", "artifacts", "cache", "id_tokens")


def _resolved(root: Value, block: Value) -> Value:
    """A job with the references in place of whole keys put in."""
    if not isinstance(block.data, dict):
        return block
    found = {
        name: _referred(root, block.data[name])
        for name in _REFERRED
        if name in block.data
    }
    if all(found[name] is block.data[name] for name in found):
        return block
    return block.replace(data={**block.data, **found})


def _first(blocks: list[Value], name: str) -> Value | None:
    for block in blocks:
        found = given(block, name)
        if found is not None:
            return found
    return None


def _chain(root: Value, job: Value) -> list[Value]:
    """A job and what it extends, nearest first."""
    chain: list[Value] = []
    waiting = [job]
    while waiting and len(chain) < _MAX_EXTENDS:
        block = waiting.pop(0)
        if any(block is known for known in chain):
            continue
        chain.append(block)
        extends = given(block, "extends")
        names = (extends.elements() or (extends,)) if extends is not None else ()
        for name in reversed(names):  # the last one named wins
            text = name.text()
            base = given(root, text) if isinstance(text, str) else None
            if base is not None and isinstance(base.data, dict):
                waiting.append(base)
    return chain


def _lines(root: Value, value: Value | None) -> list[Value]:
    """The commands of a script: a text, or a list with lists and references in it."""
    found: list[Value] = []
    waiting = [(value, 0)]
    for _ in range(MAX_STEPS):
        if not waiting:
            break
        here, depth = waiting.pop()
        if here is None or depth > _MAX_NESTED:
            continue
        reference = _reference(here)
        if here.elements():
            inner = here.elements()[:MAX_STEPS]
            waiting.extend((element, depth + 1) for element in reversed(inner))
        elif reference is not None:
            waiting.append((given(root, *reference), depth + 1))
        elif isinstance(here.data, str | Unknown):
            found.append(here)
    return found


def _reference(value: Value) -> tuple[str, ...] | None:
    """`!reference [job, key]`: a custom tag, so the reader gives it as unknown."""
    if not isinstance(value.data, Unknown) or value.data.kind != "template":
        return None
    match = _REFERENCE.search(value.data.name)
    if match is None:
        return None
    names = tuple(part.strip().strip("'\"") for part in match[1].split(","))
    return names if len(names) > 1 else None


def _referred(root: Value, value: Value, depth: int = 0) -> Value:
    """A value, or what a reference in its place means."""
    names = _reference(value)
    if names is None or depth >= _MAX_NESTED:
        return value
    found = given(root, *names)
    return value if found is None else _referred(root, found, depth + 1)


def _variables(root: Value, block: Value) -> Value:
    """A job with the references in its variables put in."""
    found = given(block, "variables")
    if found is None or not isinstance(block.data, dict):
        return block
    found = _referred(root, found)
    if isinstance(found.data, dict):
        entries = {name: _referred(root, value) for name, value in found.items()}
        found = found.replace(data=entries)
    return block.replace(data={**block.data, "variables": found})
