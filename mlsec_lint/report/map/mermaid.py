"""The picture as a comment on a pull request: a Mermaid flow chart and a few lines.

GitHub and GitLab draw a fenced block of this kind. Text of strangers stands in quoted
labels, in which every character that Markdown, HTML or Mermaid gives a meaning to is
written as a number: no link, directive, fence or mention comes alive. There are no
clickable nodes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.patterns import regex
from mlsec_lint.report import safe
from mlsec_lint.report.map.drawing import label
from mlsec_lint.report.map.words import STATE_WORDS, headline
from mlsec_lint.report.wording import clip, count

if TYPE_CHECKING:
    from mlsec_lint.picture import Picture

#: GitHub takes 65,536 characters in a comment; Mermaid draws 500 links and reads 50,000
#: characters by default (`maxEdges`, `maxTextSize`; Mermaid 11, 2026-11).
MAX_CHARACTERS = 20_000
_MOST_WALKS, _MOST_PLACE = 40, 48
_PLAIN = regex(r"[^A-Za-z0-9 ,=()*+./_:-]")
_ARROWS = {"open": "==>", "possible": "-.->", "accepted": "-->", "allowed": "-->"}
_CLASSES = (
    "classDef store stroke:#0b5cad,stroke-width:2px",
    "classDef sink stroke:#b3261e,stroke-width:2px",
)


def render(picture: Picture, *, limit: int = MAX_CHARACTERS) -> str:
    """Markdown of at most `limit` characters with the first walks, as many as fit."""
    walks = min(len(picture.walks), _MOST_WALKS)
    while True:
        text = _text(picture, picture.part(walks))
        if len(text) <= limit or not walks:
            return text
        walks = walks * 3 // 4


def _text(whole: Picture, part: Picture) -> str:
    lines = [f"**Ways out: {safe.markdown(headline(whole))}**", ""]
    if part.walks:
        lines += ["```mermaid", "flowchart LR", *_chart(part), "```"]
        lines += ["", f"_{_legend(part)}_"]
    if part.left_out:
        lines += ["", f"_{count(part.left_out, 'more way')} out left out here._"]
    if whole.cuts:
        lines += ["", f"**{safe.markdown(whole.cuts)}**", ""]
    for change in whole.changes:
        where = safe.markdown_code(clip(change.spot.where, 200))
        rule = safe.markdown_code(change.rule)
        lines.append(f"1. {where}: {safe.markdown(clip(change.fix, 200))} ({rule})")
    if whole.incomplete:
        lines += ["", "**The analysis is incomplete:** ways out may be missing here."]
    return "\n".join(lines) + "\n"


def _legend(picture: Picture) -> str:
    words = {
        "open": "thick: certain",
        "possible": "dotted: possible",
        "accepted": "thin: accepted or not forbidden",
        "allowed": "thin: accepted or not forbidden",
    }
    here = dict.fromkeys(words[s] for s in STATE_WORDS if picture.count(s))
    return "; ".join(here)


def _chart(picture: Picture) -> list[str]:
    lines = [f"  {line}" for line in _CLASSES]
    for number, node in enumerate(picture.nodes):
        name = "<br>".join(_label(text) for text in label(node.address))
        lines.append(f'  n{number}["{_label(node.kind)}<br>{name}"]')
        if node.role != "hop":
            lines.append(f"  class n{number} {node.role}")
    drawn: set[int] = set()
    for walk in picture.walks:
        for at in walk.edges:
            edge = picture.edges[at]
            if at not in drawn:
                drawn.add(at)
                arrow = _ARROWS[walk.state]
                where = edge.spot.where
                if len(where) > _MOST_PLACE:
                    where = "…" + where[1 - _MOST_PLACE :]
                words = "" if edge.exit else f'|"{_label(where)}"|'
                lines.append(f"  n{edge.source} {arrow}{words} n{edge.target}")
    return lines


def _label(text: str) -> str:
    """Text as a quoted label that shows it and does nothing."""
    return _PLAIN.sub(lambda match: f"#{ord(match.group())};", safe.clean(text))
