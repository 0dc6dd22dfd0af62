"""The drawing of a picture: SVG elements, all text escaped. Knows no page.

Colours and strokes are classes, which `drawing.css` gives a meaning. Nothing in it is a
style attribute, so that a strict Content-Security-Policy lets it be.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.picture import STATES
from mlsec_lint.report.map.layout import HEIGHT, RIM, WIDTH, Layout, laid_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsec_lint.picture import Node, Picture, Walk
    from mlsec_lint.report.map.layout import Point

STYLE = Path(__file__).with_name("drawing.css")
#: More are not drawn: nobody could follow them with a finger.
MOST_WALKS, MOST_NODES = 60, 150
#: Characters of a line of a label: so many have room in a font of 11 pixels.
_LINE = 23
_HEAD = 24


class Drawing(NamedTuple):
    """SVG content, its size, and how many walks (the first ones) are in it."""

    body: str
    width: float
    height: float
    walks: int


def drawing(picture: Picture, *, live: bool) -> Drawing:
    """Draw the first walks, as many as a drawing may have.

    `live` nodes can take the focus and say that they are buttons.
    """
    walks = picture.walks[: _room(picture)]
    links = _links(picture, walks)
    sinks = [n for n, node in enumerate(picture.nodes) if node.role == "sink"]
    layout = laid_out(list(links), sinks)
    parts = [*_captions(layout)]
    order = sorted(links, key=lambda k: (-STATES.index(links[k]), k))
    parts.append('<g class="links">')
    parts += [_link(layout, link, links[link]) for link in order]
    parts.append('</g><g class="nodes">')
    reached: dict[int, str] = {}
    for link in order:
        reached[link[1]] = links[link]
    for number in sorted(layout.nodes, key=lambda n: layout.nodes[n]):
        node = picture.nodes[number]
        name = f"{node.role} {reached.get(number, '')}".strip()
        parts.append(_node(number, node, layout.nodes[number], name, live=live))
    parts.append("</g>")
    height = layout.height + _HEAD
    return Drawing("\n".join(parts), layout.width, height, len(walks))


def _room(picture: Picture) -> int:
    """How many walks may be drawn."""
    nodes: set[int] = set()
    for number, walk in enumerate(picture.walks[:MOST_WALKS]):
        for at in walk.edges:
            edge = picture.edges[at]
            nodes.update((edge.source, edge.target))
        if len(nodes) > MOST_NODES and number:
            return number
    return min(len(picture.walks), MOST_WALKS)


def _links(picture: Picture, walks: Sequence[Walk]) -> dict[tuple[int, int], str]:
    """Pairs of nodes that some step joins, with the worst state of its walks."""
    found: dict[tuple[int, int], str] = {}
    for walk in walks:
        for at in walk.edges:
            edge = picture.edges[at]
            link = (edge.source, edge.target)
            known = found.setdefault(link, walk.state)
            found[link] = min(known, walk.state, key=STATES.index)
    return found


def _captions(layout: Layout) -> Iterator[str]:
    if layout.nodes:
        right = layout.width - RIM
        yield f'<text class="caption" x="{RIM}" y="14">Holds weights</text>'
        yield (
            f'<text class="caption" x="{right:g}" y="14" text-anchor="end">'
            "Where they can go</text>"
        )


def _link(layout: Layout, link: tuple[int, int], state: str) -> str:
    points = [(x, y + _HEAD) for x, y in layout.links[link]]
    where = f'data-from="{link[0]}" data-to="{link[1]}"'
    line = _curve(points)
    (x, y), down = points[-1], points[0][0] == points[-1][0]
    tip = f"M{x:g} {y:g}"
    tip += "l-4.5 -7h9z" if down else "l-8 -4.5v9z"
    return (
        f'<g class="link {state}" {where}><path class="hit" d="{line}"/>'
        f'<path class="line" d="{line}"/><path class="tip" d="{tip}"/></g>'
    )


def _curve(points: Sequence[Point]) -> str:
    """A line through points: straight within a column, bent between two."""
    (x, y), *rest = points
    out = [f"M{x:g} {y:g}"]
    for to_x, to_y in rest:
        if to_y == y or to_x == x:
            out.append(f"L{to_x:g} {to_y:g}")
        elif to_x < x:
            out.append(
                f"C{x + 60:g} {y + 60:g} {to_x - 60:g} {to_y + 60:g} {to_x:g} {to_y:g}"
            )
        else:
            bend = (to_x - x) / 2
            out.append(
                f"C{x + bend:g} {y:g} {to_x - bend:g} {to_y:g} {to_x:g} {to_y:g}"
            )
        x, y = to_x, to_y
    return "".join(out)


def _node(number: int, node: Node, at: Point, style: str, *, live: bool) -> str:
    x, y = at[0], at[1] + _HEAD
    name = escape(f"{node.kind} {node.address}")
    act = f' tabindex="0" role="button" aria-label="{name}"' if live else ""
    lines = label(node.address)
    texts = [
        f'<text class="kind" x="{x + 9:g}" y="{y + 15:g}">{escape(node.kind)}</text>'
    ]
    first = y + (36 if len(lines) == 1 else 30)
    for row, text in enumerate(lines):
        texts.append(
            f'<text class="name" x="{x + 9:g}" y="{first + 14 * row:g}">{escape(text)}</text>'
        )
    return (
        f'<g class="node {style}" id="n{number}"{act}><title>{name}</title>'
        f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="7"/>'
        f"{''.join(texts)}</g>"
    )


def label(address: str) -> tuple[str, ...]:
    """An address in at most two short lines; the end of it says most."""
    if len(address) <= _LINE:
        return (address,)
    head = address[:_LINE]
    cut = max(head.rfind(mark) for mark in ".:/#[") + 1
    cut = cut if cut > _LINE // 3 else _LINE
    rest = address[cut:]
    if len(rest) > _LINE:
        rest = "…" + rest[-(_LINE - 1) :]
    return (address[:cut], rest)
