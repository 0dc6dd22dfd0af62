"""A change as JSON for programs. docs/diff.md describes it; `version` tells changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mlsec_lint import __version__
from mlsec_lint.report import change_wording as words
from mlsec_lint.report.json import (
    finding_entry,
    note_entry,
    position_entry,
    related_entry,
    safe_tree,
)
from mlsec_lint.report.snippet import Snippets, scrub

if TYPE_CHECKING:
    from mlsec_lint.change import Change, FindingChange, ReaderChange, Side

VERSION = 1


def render(change: Change, *, exit_code: int | None = None) -> str:
    """The change as JSON text in ASCII; the same bytes for the same change."""
    after = Snippets(change.after.result)
    before = Snippets(change.before.result)

    def entry(one: FindingChange) -> dict[str, Any]:
        snippets = before if one.state == "closed" else after
        return {
            "state": one.state,
            "was": one.was,
            "own": one.own,
            "others": list(one.others),
            "finding": finding_entry(one.finding, snippets),
        }

    document = {
        "tool": {"name": "mlsec-lint", "version": __version__},
        "version": VERSION,
        "exit_code": exit_code,
        "incomplete": change.incomplete,
        "before": _side(change.before),
        "after": _side(change.after),
        "text": words.headline(change),
        "warnings": list(change.warnings),
        "paths": [entry(one) for one in change.paths],
        "readers": [_reader(one) for one in change.readers],
        "stores": [
            {
                "state": one.state,
                "store": one.store,
                "known": one.known,
                "because": [related_entry(other) for other in one.because],
                "position": position_entry(one.span),
            }
            for one in change.stores
        ],
        "copies": [
            {
                "state": one.state,
                "copy": one.copy,
                "store": one.store,
                "service": one.service,
                "to": one.to,
                "certain": one.certain,
                "position": position_entry(one.span),
            }
            for one in change.copies
        ],
        "places": [
            {
                "thing": one.thing,
                "kind": one.kind,
                "place": one.place,
                "was": one.was,
                "position": position_entry(one.span),
            }
            for one in change.places
        ],
        "findings": [entry(one) for one in change.findings],
        "lost": [note_entry(note) for note in change.lost],
        "renamed": [{"from": old, "to": new} for old, new in change.moved],
    }
    return json.dumps(safe_tree(document), ensure_ascii=True, indent=1) + "\n"


def _side(side: Side) -> dict[str, Any]:
    return {
        "name": side.name,
        "commit": side.commit,
        "incomplete": side.result.incomplete,
        "weight_stores": list(side.result.summary.weight_stores),
    }


def _reader(one: ReaderChange) -> dict[str, Any]:
    return {
        "state": one.state,
        "store": one.store,
        "identity": one.identity,
        "sort": one.sort,
        "behind": one.behind,
        "certain": one.certain,
        "was": one.was,
        "why": scrub(one.why),
        "steps": [related_entry(step) for step in one.steps],
    }
