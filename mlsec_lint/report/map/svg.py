"""The drawing alone, as an SVG file: for a README or a slide. Follows the reader's scheme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.report.map.drawing import STYLE, drawing

if TYPE_CHECKING:
    from mlsec_lint.picture import Picture

_FOOT, _LEAST = 26, 620
_LEGEND = (
    ("open", "certain"),
    ("possible", "possible: one thing is not known"),
    ("accepted", "accepted"),
    ("allowed", "no rule of the baseline forbids it"),
)


def render(picture: Picture) -> str:
    """The drawing of the first walks, as a document of its own."""
    drawn = drawing(picture, live=False)
    width, height = max(drawn.width, _LEAST), drawn.height + _FOOT
    left = len(picture.walks) - drawn.walks + picture.left_out
    body = drawn.body or '<text class="name" x="8" y="14">No way out was found.</text>'
    style = STYLE.read_text(encoding="utf-8")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="picture" role="img" '
        f'aria-label="Ways out" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}">\n<style>\n{style}</style>\n'
        f'<rect class="ground" width="{width:g}" height="{height:g}"/>\n{body}\n'
        f"{_legend(height - 8, left)}\n</svg>\n"
    )


def _legend(y: float, left: int) -> str:
    out = []
    x = 8.0
    for state, words in _LEGEND:
        out.append(
            f'<g class="link {state}"><path class="line" d="M{x:g} {y - 4:g}h26"/></g>'
            f'<text class="name" x="{x + 32:g}" y="{y:g}">{words}</text>'
        )
        x += 32 + 6.7 * len(words) + 18
    if left:
        out.append(
            f'<text class="name" x="{x:g}" y="{y:g}">{left:,} more left out</text>'
        )
    return "".join(out)
