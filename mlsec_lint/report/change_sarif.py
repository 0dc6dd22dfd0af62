"""A change as SARIF: the results of the state after, and those that are gone.

Each result has a `baselineState`: new, unchanged, updated (more or less certain or
severe, or of more things), absent for what is gone, at its place before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlsec_lint.report import sarif

if TYPE_CHECKING:
    from mlsec_lint.change import Change, FindingChange


def render(change: Change, *, exit_code: int | None = None, prefix: str = "") -> str:
    """The change as a SARIF log of one run; the same bytes for the same change."""
    after, before = change.after.result, change.before.result
    states = dict.fromkeys(map(id, after.findings), "unchanged")
    gone = []
    for one in (*change.paths, *change.findings):
        if one.state == "closed" and one.own:
            gone.append(one.finding)
            states[id(one.finding)] = "absent"
        elif one.state != "closed":
            states[id(one.finding)] = _state(one)
    result = replace(
        after,
        findings=[*after.findings, *gone],
        secrets=(*after.secrets, *before.secrets),
        notes=list(dict.fromkeys([*after.notes, *change.lost])),
        incomplete=change.incomplete,
    )
    return sarif.render(result, exit_code=exit_code, prefix=prefix, states=states)


def _state(one: FindingChange) -> str:
    if not one.own:
        return "updated"
    fresh = one.state == "new" or (one.state == "accepted" and not one.was)
    return "new" if fresh else "updated"
