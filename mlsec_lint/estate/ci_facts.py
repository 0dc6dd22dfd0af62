"""Facts about jobs of CI systems: on whose machine, by whom started, with which rights."""

from __future__ import annotations

from mlsec_lint.estate.fact_kinds import FactKind

CI: dict[str, FactKind] = {
    "runner.by": FactKind(
        "text",
        "whose machine runs it: the forge's, the lab's own, a firm's that rents out "
        "runners",
        values=("forge", "lab", "vendor"),
    ),
    "runner.labels": FactKind(
        "texts", "the labels, tags and groups by which it picks its machine"
    ),
    "started.by": FactKind(
        "texts", "the events that start it: push, pull_request, schedule, ..."
    ),
    "token.rights": FactKind(
        "texts", "what the forge's own token may change in it (id-token, contents, ...)"
    ),
    "environment.named": FactKind(
        "text", "the deployment environment whose secrets and approvals it takes"
    ),
    "signs.in": FactKind(
        "texts", "the clouds and services at which a step or token of it signs in"
    ),
    "actions.loose": FactKind(
        "texts", "actions and includes that it takes by a tag or branch, not a commit"
    ),
}
