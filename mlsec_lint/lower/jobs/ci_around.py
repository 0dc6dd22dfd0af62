"""What stands around the steps of a CI job: its machine, what starts it, its rights.

`ci.py` states it on the job's workload; `github_around.py` and `gitlab_around.py` read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.networks import Place
from mlsec_lint.lower.jobs.images import state_image
from mlsec_lint.lower.jobs.script_job import job_container
from mlsec_lint.lower.kubernetes.rights import named_identities
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

#: How the names of services that keep images begin.
REGISTRY = "registry "
_MAX = 100


class Login(NamedTuple):
    """A cloud or service at which a job signs in, as whom (None: not said), and where."""

    service: str
    identity: Value | None
    span: Span


class Around(NamedTuple):
    """What stands around the steps of a job. Texts carry where they stand.

    * `runner`: forge, lab or vendor; Unknown where the labels do not say;
    * `started`, `rights`, `loose`: names;
    * `services`: images that run beside the job.
    """

    runner: str | Unknown | None = None
    labels: tuple[Value, ...] = ()
    started: tuple[tuple[str, Span], ...] = ()
    rights: tuple[tuple[str, Span], ...] = ()
    environment: Value | None = None
    logins: tuple[Login, ...] = ()
    loose: tuple[tuple[str, Span], ...] = ()
    services: tuple[Value, ...] = ()


def at_a_cloud(around: Around) -> bool:
    """Whether a job signs in somewhere that holds more than images."""
    return any(not one.service.startswith(REGISTRY) for one in around.logins)


def state_around(estate: Estate, workload: Thing, around: Around) -> None:
    """State what stands around a job on its workload."""
    _machine(estate, workload, around)
    for fact, named in (
        ("started.by", around.started),
        ("token.rights", around.rights),
        ("actions.loose", around.loose),
        ("signs.in", tuple((one.service, one.span) for one in around.logins)),
    ):
        if named:
            names = tuple(dict.fromkeys(name for name, _ in named))
            workload.state(fact, names[:_MAX], named[0][1])
    if around.environment is not None:
        _environment(workload, around.environment)
    for login in around.logins:
        if login.identity is not None:
            runs_as(estate, workload, login.identity)
    for number, image in enumerate(around.services[:_MAX]):
        span = image.entry() or image.span
        state_image(job_container(estate, workload, f"service{number}", span), image)


def _machine(estate: Estate, workload: Thing, around: Around) -> None:
    """Whose machine runs a job; one of the forge or of a firm lies in the open internet."""
    where = around.labels[0].entry() if around.labels else None
    span = where or workload.span
    if around.runner is not None:
        workload.state("runner.by", around.runner, span)
    if around.runner in ("forge", "vendor"):
        words = f"the network of the {around.runner}'s machines"
        estate.networks.put(workload, Place(span, provided=True, words=words))
    names = tuple(text for label in around.labels if (text := text_of(label)))
    if names:
        workload.state("runner.labels", names[:_MAX], span)


def _environment(workload: Thing, value: Value) -> None:
    text = settled(value).text()
    if isinstance(text, Unknown):
        text = text._replace(possible=None, parts=())
    if text is not None:
        span = value.entry() or workload.span
        workload.state("environment.named", text, span, trail=value.trail)


def runs_as(estate: Estate, workload: Thing, value: Value) -> None:
    """A job acts as an identity of the scan: a role, an account, an application.

    A role's ARN joins by its end where Terraform does not know its account.
    """
    text = text_of(value)
    span = value.entry() or value.span
    if not text or span is None or len(text) > 2_000:
        return
    found = named_identities(estate, text)
    why = ""
    if len(found) > 1:
        why = f"{len(found)} identities of the scan are called so"
    for identity in found[:_MAX]:
        words = "a step signs in as it"
        estate.link(
            workload, "runs as", identity, span, words, certain=not why, why=why
        )


def names_of(value: Value | None) -> tuple[tuple[str, Span], ...]:
    """The names in a text, a list or the keys of a mapping, with where they stand."""
    if value is None:
        return ()
    found: list[tuple[str, Span]] = []
    for name, entry in value.items():
        span = entry.key or entry.span
        if span is not None:
            found.append((name, span))
    for element in value.elements() or ((value,) if not found else ()):
        text, span = text_of(element), element.entry() or element.span
        if text and span is not None:
            found.append((text, span))
    return tuple(found[:_MAX])


def images_of(value: Value | None) -> tuple[Value, ...]:
    """The images of services: a list or mapping of texts, or of mappings with one."""
    found: list[Value] = []
    entries = [e for _, e in value.items()] if value is not None else []
    for entry in (*entries, *(value.elements() if value is not None else ())):
        image = entry
        if isinstance(entry.data, dict):
            named = given(entry, "image")
            image = named if named is not None else given(entry, "name") or entry
        if isinstance(image.data, str | Unknown) and image.data != "":
            found.append(image)
    return tuple(found[:_MAX])
