"""The picture as JSON for programs. docs/map.md describes it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mlsec_lint import __version__
from mlsec_lint.report.safe import json_log

if TYPE_CHECKING:
    from mlsec_lint.picture import Change, Edge, Node, Picture, Spot, Walk

#: Fields are added without notice; one that goes or changes meaning raises it.
VERSION = 1


def render(picture: Picture) -> str:
    """The picture as JSON text in ASCII; the same bytes for the same picture."""
    return json_log(json.dumps(document(picture), indent=1, ensure_ascii=True)) + "\n"


def document(picture: Picture) -> dict[str, Any]:
    """The picture as a tree of plain values."""
    return {
        "tool": {"name": "mlsec-lint", "version": __version__},
        "version": VERSION,
        "baseline": picture.baseline,
        "incomplete": picture.incomplete,
        "counts": {
            "open": picture.count("open"),
            "possible": picture.count("possible"),
            "accepted": picture.count("accepted"),
            "allowed": picture.count("allowed"),
            "left_out": picture.left_out,
        },
        "nodes": [_node(node) for node in picture.nodes],
        "edges": [_edge(edge) for edge in picture.edges],
        "walks": [_walk(walk) for walk in picture.walks],
        "stores_without_a_way_out": list(picture.quiet),
        "cuts": {
            "text": picture.cuts,
            "changes": [_change(change) for change in picture.changes],
        },
        "not_analysed": [loss._asdict() for loss in picture.losses],
        "not_assessed": picture.not_assessed,
    }


def _node(node: Node) -> dict[str, Any]:
    return {
        "address": node.address,
        "kind": node.kind,
        "role": node.role,
        "declared": _spot(node.spot),
        "why": list(node.why),
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "from": edge.source,
        "to": edge.target,
        "words": edge.words,
        "place": _spot(edge.spot),
        "certain": edge.certain,
        "why": edge.why,
        "exit": edge.exit,
        "controls": [
            {
                "rule": control.rule,
                "title": control.title,
                "fix": control.fix,
                "failing": _spot(control.failing),
            }
            for control in edge.controls
        ],
    }


def _walk(walk: Walk) -> dict[str, Any]:
    found = asdict(walk)
    found["cut"] = None if walk.cut is None else _change(walk.cut)
    return found


def _change(change: Change) -> dict[str, Any]:
    return {**change._asdict(), "spot": _spot(change.spot)}


def _spot(spot: Spot | None) -> dict[str, Any] | None:
    return None if spot is None else spot._asdict()
