"""What stands around a job of GitHub Actions: runner, events, rights, sign-ins.

docs.github.com (workflow syntax, GitHub-hosted runners, OpenID Connect) and the READMEs
of the actions that sign in, read 2026-11.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.ci_around import REGISTRY, Around, Login, images_of, names_of
from mlsec_lint.lower.jobs.fetches import COMMIT
from mlsec_lint.lower.jobs.github_contexts import expressed
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mlsec_lint.source import Span

#: Labels of machines of GitHub, larger ones of the usual naming included.
_HOSTED = regex(
    r"(?:ubuntu|windows|macos)-(?:latest|slim|\d[\w.]*)(?:-(?:arm64|arm|intel|xlarge|large|"
    r"x?l|m|\d+-?cores?|vs\d+))*"
)
#: Firms that rent out runners, by how their labels begin (their documentation, 2026-11).
_VENDORS = regex(
    r"blacksmith-|buildjet-|depot-|namespace-profile-|nscloud-|warp-|ubicloud|runs-on[=/]"
    r"|cirun-|actuated-|latchkey-|useblacksmith"
)
#: Actions that sign in -> the cloud, and the inputs that say as whom.
_LOGINS: dict[str, tuple[str, tuple[str, ...]]] = {
    "aws-actions/configure-aws-credentials": ("aws", ("role-to-assume",)),
    "google-github-actions/auth": ("gcp", ("service_account",)),
    "google-github-actions/setup-gcloud": ("gcp", ("service_account_email",)),
    "azure/login": ("azure", ("client-id",)),
    "databricks/setup-cli": ("databricks", ()),
    "hashicorp/vault-action": ("vault", ("role",)),
    "hashicorp/setup-terraform": ("terraform", ()),
}
#: Inputs without which those of setup tools sign in nowhere.
_ASKED = {
    "databricks/setup-cli": ("token",),
    "hashicorp/setup-terraform": ("cli_config_credentials_token",),
    "google-github-actions/setup-gcloud": ("service_account_key",),
}
_WRITE_ALL = "write-all"


def around_job(root: Value, job: Value, known: Mapping[str, Value]) -> Around:
    """What a workflow and one job of it say beside the job's steps."""
    labels = tuple(expressed(label, known) for label in _labels(given(job, "runs-on")))
    environment = given(job, "environment")
    if environment is not None and isinstance(environment.data, dict):
        environment = given(environment, "name")
    if environment is not None:
        environment = expressed(environment, known)
    return Around(
        runner=_runner(labels),
        labels=labels,
        started=names_of(given(root, "on")),
        rights=_rights(root, job),
        environment=environment,
        services=images_of(given(job, "services")),
    )


def _labels(value: Value | None) -> tuple[Value, ...]:
    """Labels, and the group that larger runners are picked by."""
    if value is None:
        return ()
    if not isinstance(value.data, dict):
        return value.elements() or (value,)
    group, labels = given(value, "group"), given(value, "labels")
    found = (group,) if group is not None else ()
    return (*found, *((labels.elements() or (labels,)) if labels is not None else ()))


def _runner(labels: tuple[Value, ...]) -> str | Unknown | None:
    """Whose machine: `self-hosted` says it, and so do GitHub's own names."""
    names = [text_of(label).lower() for label in labels]
    if "self-hosted" in names:
        return "lab"
    if any(_VENDORS.match(name) for name in names):
        return "vendor"
    if len(names) == 1 and _HOSTED.fullmatch(names[0]):
        return "forge"
    if not labels:
        return None
    unknown = settled(labels[0]).unknown
    if unknown is not None:
        return unknown._replace(possible=None, parts=())
    why = f"whether {names[0] or 'it'} is a machine of the lab or of GitHub is not said"
    return Unknown("environment", why, "runs-on", span=labels[0].span)


def _rights(root: Value, job: Value) -> tuple[tuple[str, Span], ...]:
    """What the token may write: the job's word, else the workflow's."""
    own = given(job, "permissions")
    value = own if own is not None else given(root, "permissions")
    if value is None:
        return ()
    if not isinstance(value.data, dict):
        span = value.entry() or value.span
        every = text_of(value) == _WRITE_ALL and span is not None
        return ((_WRITE_ALL, span),) if every and span is not None else ()
    found: list[tuple[str, Span]] = []
    for name, right in value.items():
        span = right.entry() or right.span
        if text_of(right) == "write" and span is not None:
            found.append((name, span))
    return tuple(found)


def used(around: Around, steps: Iterable[tuple[Value, Mapping[str, Value]]]) -> Around:
    """The same with what the steps' actions add: sign-ins, and those that are not pinned.

    `steps`: each step that uses an action, with the values that its inputs may name.
    """
    logins: list[Login] = []
    loose: list[tuple[str, Span]] = []
    for step, known in steps:
        uses = given(step, "uses")
        span = (uses.entry() or uses.span) if uses is not None else None
        if uses is None or span is None:
            continue
        text = text_of(uses)
        if is_loose(text):
            loose.append((text, span))
        logins.extend(_logins(step, text, span, known))
    return around._replace(logins=tuple(logins), loose=tuple(loose))


def is_loose(uses: str) -> bool:
    """Whether an action of another repository is taken by a tag or branch."""
    name, _, reference = uses.partition("@")
    own = name.startswith(("./", "docker://")) or not name
    return not own and COMMIT.fullmatch(reference) is None


def _logins(
    step: Value, text: str, span: Span, known: Mapping[str, Value]
) -> Iterator[Login]:
    name = text.partition("@")[0].lower()
    row = _LOGINS.get(name)
    inputs = given(step, "with")
    if row is None:
        if name == "docker/login-action":
            registry = text_of(given(inputs, "registry")) or "docker.io"
            yield Login(f"{REGISTRY}{registry}", None, span)
        return
    asked = _ASKED.get(name, ())
    if asked and not any(given(inputs, a) is not None for a in (*asked, *row[1])):
        return
    named = next((v for f in row[1] if (v := given(inputs, f)) is not None), None)
    yield Login(row[0], expressed(named, known) if named is not None else None, span)
