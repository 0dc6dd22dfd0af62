"""What stands around a job of GitLab CI: runner, events, tokens, kept files.

docs.gitlab.com/ci (yaml, runners, id_token_authentication, secrets), read 2026-11.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.ci_around import Around, Login, images_of, names_of
from mlsec_lint.lower.jobs.transfers import Transfer
from mlsec_lint.lower.jobs.weight_words import kept_weights
from mlsec_lint.lower.scalars import given, settled, text_of
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mlsec_lint.lower.jobs.run import Runner
    from mlsec_lint.source import Span

#: Tags of the machines of gitlab.com.
_HOSTED = regex(r"saas-(?:linux|macos|windows)-|gitlab-org(?:-docker)?$|shared-w")
_SOURCE = regex(r"CI_PIPELINE_SOURCE\s{0,9}==\s{0,9}[\"'](\w{1,40})[\"']")
_OTHERS = (
    (re.compile(r"\$CI_COMMIT_TAG\b"), "tag"),
    (re.compile(r"\$CI_MERGE_REQUEST_\w"), "merge_request_event"),
    (re.compile(r"\$CI_COMMIT_(?:BRANCH|REF_NAME)\b"), "push"),
)
_SHORT = {"merge_requests": "merge_request_event", "tags": "tag", "schedules": "schedule",
          "branches": "push", "pushes": "push", "web": "web", "triggers": "trigger"}  # fmt: skip
#: Variables that say as whom a job's token is exchanged.
_ROLES = regex(
    r"(?:\w+_)?(?:ROLE_ARN|SERVICE_ACCOUNT(?:_EMAIL)?|AZURE_CLIENT_ID|ARM_CLIENT_ID)"
)
_MAX = 200
_MAX_TEXT = 2_000


def around_job(
    root: Value, behind: Sequence[Value], variables: Sequence[Value]
) -> Around:
    """What a job, what it extends, the defaults and the file say beside the script.

    `behind`: these, nearest first; `variables`: the blocks with their variables.
    """
    tags = _first(behind, "tags")
    labels = (tags.elements() or (tags,)) if tags is not None else ()
    environment = _first(behind, "environment")
    if environment is not None and isinstance(environment.data, dict):
        environment = given(environment, "name")
    return Around(
        runner=_runner(labels),
        labels=labels,
        started=tuple(_started(root, behind)),
        environment=environment,
        logins=tuple(_logins(behind, variables)),
        services=images_of(_first(behind, "services")),
    )


def _first(blocks: Sequence[Value], name: str) -> Value | None:
    return next((v for block in blocks if (v := given(block, name)) is not None), None)


def _runner(labels: tuple[Value, ...]) -> str | Unknown | None:
    """Whose machine: gitlab.com's tags are known, other tags are of runners of one's own."""
    if not labels:
        return None
    names = [text_of(label).lower() for label in labels]  # "" for a variable
    if any(_HOSTED.match(name) for name in names):
        return "forge"
    unknown = settled(labels[0]).unknown
    if unknown is not None and not any(names):
        return unknown._replace(possible=None, parts=())
    return "lab"


def _started(root: Value, behind: Sequence[Value]) -> Iterator[tuple[str, Span]]:
    rules = _first(behind, "rules")
    for block in (rules, given(root, "workflow", "rules")):
        for rule in block.elements()[:_MAX] if block is not None else ():
            condition = given(rule, "if")
            span = condition.entry() if condition is not None else None
            if (
                condition is None
                or span is None
                or text_of(rule.get("when")) == "never"
            ):
                continue
            text = span.text[:_MAX_TEXT]
            for match in _SOURCE.finditer(text):
                yield match[1], span
            for pattern, event in _OTHERS:
                if pattern.search(text):
                    yield event, span
    only = _first(behind, "only")
    refs = given(only, "refs") if only is not None else None
    for name, span in names_of(refs if refs is not None else only):
        if name in _SHORT:
            yield _SHORT[name], span


def _logins(behind: Sequence[Value], variables: Sequence[Value]) -> Iterator[Login]:
    tokens = _first(behind, "id_tokens")
    for number, (name, token) in enumerate(
        tokens.items() if tokens is not None else ()
    ):
        span = token.key or token.span
        if span is None or number >= _MAX:
            continue
        audience = given(token, "aud")
        text = text_of(audience) or name
        role = _role(variables) if number == 0 else None
        yield Login(f"token for {text}", role, span)
    secrets = _first(behind, "secrets")
    for _, secret in secrets.items() if secrets is not None else ():
        for name, value in secret.items():
            span = value.key or value.span
            if name in ("vault", "azure_key_vault", "gcp_secret_manager") and span:
                yield Login(name, None, span)


def _role(variables: Sequence[Value]) -> Value | None:
    for block in reversed(variables):
        listed = given(block, "variables")
        for name, value in list(listed.items())[:_MAX] if listed is not None else ():
            if _ROLES.fullmatch(name) and not isinstance(value.data, dict):
                return value
    return None


def keeps(behind: Sequence[Value]) -> Callable[[Runner, dict[str, Value], bool], None]:
    """What states the weights that a job leaves to its GitLab server, as a step acts."""
    return partial(_keeps, [_first(behind, "artifacts"), _first(behind, "cache")])


def _keeps(
    blocks: list[Value | None], runner: Runner, own: dict[str, Value], branch: bool
) -> None:
    for block in blocks:
        caches = block.elements() or (block,) if block is not None else ()
        for one in caches[:_MAX]:
            listed = given(one, "paths")
            for path in listed.elements()[:_MAX] if listed is not None else ():
                span = path.entry() or path.span
                if span is None or not kept_weights(path):
                    continue
                why = "the GitLab server that keeps artifacts and caches is not named"
                server = Unknown("environment", why, "CI_SERVER_HOST", span=span)
                move = Transfer("http", (path,), Value(server, span), "command", ())
                runner.moves.append((move, span, own, branch))
