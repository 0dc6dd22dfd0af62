"""The picture as a Graphviz digraph: strings only, no HTML labels, no links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.report import safe
from mlsec_lint.report.map.drawing import label

if TYPE_CHECKING:
    from mlsec_lint.picture import Picture

_STYLES = {
    "open": 'color="#b3261e", penwidth=1.6',
    "possible": 'color="#8a5a00", style=dashed',
    "accepted": 'color="#6b737d"',
    "allowed": 'color="#6b737d", style=dotted',
}
_ROLES = {
    "store": ', color="#0b5cad", fillcolor="#eef5fc"',
    "sink": ', color="#b3261e", fillcolor="#fdf0ee"',
    "hop": "",
}


def render(picture: Picture) -> str:
    """The digraph, from left to right. Every walk that the picture has is in it."""
    lines = [
        "digraph ways_out {",
        "  rankdir=LR;",
        '  node [shape=box, style="rounded,filled", fillcolor=white, fontsize=10];',
        "  edge [fontsize=9];",
    ]
    for number, node in enumerate(picture.nodes):
        name = "\\n".join(quoted(text) for text in (node.kind, *label(node.address)))
        tip = quoted(node.address)
        lines.append(
            f'  n{number} [label="{name}", tooltip="{tip}"{_ROLES[node.role]}];'
        )
    for role, rank in (("store", "source"), ("sink", "sink")):
        same = [f"n{n};" for n, node in enumerate(picture.nodes) if node.role == role]
        if same:
            lines.append(f"  {{ rank={rank}; {' '.join(same)} }}")
    drawn: set[int] = set()
    for walk in picture.walks:
        for at in walk.edges:
            edge = picture.edges[at]
            if at not in drawn:
                drawn.add(at)
                where = "" if edge.exit else quoted(edge.spot.where)
                tip = quoted(edge.words)
                lines.append(
                    f"  n{edge.source} -> n{edge.target} "
                    f'[label="{where}", tooltip="{tip}", {_STYLES[walk.state]}];'
                )
    if picture.left_out:
        lines.append(f'  label="{picture.left_out} more ways out left out";')
    return "\n".join([*lines, "}"]) + "\n"


def quoted(text: str) -> str:
    """Text inside a quoted string of DOT: quotes and backslashes stand for themselves.

    An ampersand is written as an entity, since Graphviz reads entities in labels.
    """
    line = safe.clean(text)
    line = line.replace("\\", "\\\\").replace('"', '\\"')
    return line.replace("&", "&amp;")
