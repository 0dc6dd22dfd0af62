"""The picture as one page for a browser: it loads nothing and sends nothing.

The page holds its style, its script and its data. Its Content-Security-Policy admits
this very style and script by their hashes, and no other. All text of scanned files is
escaped; the script only ever sets text. Without a script it is a document to read.
"""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from mlsec_lint import __version__
from mlsec_lint.report.map.drawing import STYLE, drawing
from mlsec_lint.report.map.json import document
from mlsec_lint.report.map.words import STATE_WORDS, headline
from mlsec_lint.report.wording import clip, count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsec_lint.picture import Change, Control, Edge, Picture, Spot, Walk

_HERE = Path(__file__).parent
_MOST_OPTION = 80


def render(picture: Picture) -> str:
    """The page. The same bytes for the same picture."""
    style = "\n".join(_file(name) for name in (STYLE.name, "page.css"))
    script = _file("page.js")
    shown = len(picture.walks)
    return Template(_file("page.html")).substitute(
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        data=_data(picture),
        headline=escape(headline(picture)),
        alert=_alert(picture),
        cuts=_cuts(picture),
        stores=_options(dict.fromkeys(walk.store for walk in picture.walks)),
        sinks=_options(dict.fromkeys(walk.sink for walk in picture.walks)),
        states=_states(picture),
        shown=f"Showing {shown} of {count(shown, 'way')} out",
        picture=_drawn(picture),
        walks="\n".join(
            _walk(picture, walk, number) for number, walk in enumerate(picture.walks, 1)
        ),
        left=_left(picture),
        quiet=_quiet(picture),
        losses=_losses(picture),
        not_assessed=escape(picture.not_assessed),
        version=__version__,
        baseline=escape(picture.baseline),
    )


def _file(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def _data(picture: Picture) -> str:
    """JSON that no HTML parser sees an end or a comment in."""
    text = json.dumps(document(picture), ensure_ascii=True, separators=(",", ":"))
    for mark in "<>&":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def _alert(picture: Picture) -> str:
    if not picture.incomplete:
        return ""
    return (
        '<p class="alert" role="note">The analysis is incomplete: ways out may be '
        'missing here. <a href="#losses-title">What was not analysed</a></p>'
    )


def _cuts(picture: Picture) -> str:
    if not picture.cuts:
        return ""
    items = "".join(f"<li>{_change(c, closes=True)}</li>" for c in picture.changes)
    return (
        f'<section class="cuts" aria-label="Suggested cuts"><h2>{escape(picture.cuts)}'
        f"</h2><ol>{items}</ol></section>"
    )


def _change(change: Change, *, closes: bool) -> str:
    text = f"<code>{escape(change.spot.where)}</code> {escape(change.fix)}"
    text += f' <span class="soft">(<code>{escape(change.rule)}</code>'
    if closes and change.closes:
        text += f", closes {count(change.closes, 'path')}"
    return text + ")</span>"


def _options(values: Iterable[str]) -> str:
    return "".join(
        f'<option value="{escape(value)}">{escape(clip(value, _MOST_OPTION))}</option>'
        for value in values
    )


def _states(picture: Picture) -> str:
    return "".join(
        f'<option value="{state}">{escape(words)} ({picture.count(state)})</option>'
        for state, words in STATE_WORDS.items()
        if picture.count(state)
    )


def _drawn(picture: Picture) -> str:
    drawn = drawing(picture, live=True)
    if not drawn.walks:
        return "<p>No way out of a store that holds weights was found.</p>"
    left = len(picture.walks) - drawn.walks
    note = ""
    if left:
        note = (
            f'<p class="soft">Drawn are the first {drawn.walks}; {left:,} more are in '
            "the list below.</p>"
        )
    legend = "".join(
        f'<li class="picture"><svg class="link {state}" width="34" height="10" '
        f'aria-hidden="true"><path class="line" d="M0 5h34"/></svg>{escape(words)}</li>'
        for state, words in STATE_WORDS.items()
        if picture.count(state)
    )
    return (
        '<section class="drawn" aria-label="The picture: choose a step to see its lines '
        'and what would close it"><div class="scroll">'
        f'<svg class="picture" role="group" aria-label="Stores on the left, ways out on '
        f'the right" width="{drawn.width:g}" height="{drawn.height:g}" '
        f'viewBox="0 0 {drawn.width:g} {drawn.height:g}">\n{drawn.body}\n</svg></div>'
        f'<ul class="legend">{legend}</ul>{note}</section>'
    )


def _walk(picture: Picture, walk: Walk, number: int) -> str:
    """One way out in full, to be read without a script."""
    chips = [f'<span class="chip {walk.state}">{STATE_WORDS[walk.state]}</span>']
    if walk.severity and walk.state in {"open", "possible"}:
        chips.insert(0, f'<span class="chip {walk.severity}">{walk.severity}</span>')
    open_ = " open" if number == 1 else ""
    steps = "".join(
        f"<li>{_step(picture, picture.edges[at])}</li>" for at in walk.edges
    )
    return (
        f'<li class="walk" id="walk-{number}"><details{open_}><summary>{"".join(chips)} '
        f"<strong>{escape(walk.store)}</strong> → <strong>{escape(walk.sink)}</strong>"
        f"</summary>{''.join(_about(walk))}"
        f'<ol class="steps"><li>{_start(picture, walk)}</li>{steps}</ol></details></li>'
    )


def _about(walk: Walk) -> Iterator[str]:
    if walk.message:
        yield (
            f"<p>{escape(walk.message)} "
            f'<span class="soft">(<code>{escape(walk.rule)}</code>)</span></p>'
        )
    if walk.state == "allowed":
        yield '<p class="soft">No rule of the baseline forbids it.</p>'
    if walk.accepted:
        yield f"<p>Accepted: {escape(walk.accepted)}</p>"
    if walk.settle:
        names = ", ".join(f"<code>{escape(name)}</code>" for name in walk.settle)
        yield f'<p class="doubt">Settled by {names}</p>'
    if walk.cut is not None:
        yield f'<p class="cut">Cut: {_change(walk.cut, closes=True)}</p>'
    elif walk.state in {"open", "possible"}:
        yield '<p class="soft">No single change is known that closes it.</p>'
    if walk.others:
        names = ", ".join(f"<code>{escape(name)}</code>" for name in walk.others)
        yield f'<p class="soft">Further entry points to the same end: {names}</p>'


def _start(picture: Picture, walk: Walk) -> str:
    node = picture.nodes[picture.edges[walk.edges[0]].source]
    why = "; ".join(node.why)
    text = f"<strong>{escape(walk.store)}</strong> holds weights"
    text += f": {escape(why)}" if why else ""
    return text + (_spot(node.spot) if node.spot is not None else "")


def _step(picture: Picture, edge: Edge) -> str:
    to = picture.nodes[edge.target]
    text = f'{escape(edge.words)} <span class="soft">→ {escape(to.address)}</span>'
    if edge.why:
        text += f'<div class="doubt">Not certain: {escape(edge.why)}</div>'
    if edge.exit:
        return text
    return text + _spot(edge.spot) + _controls(edge.controls)


def _spot(spot: Spot) -> str:
    line = f'<pre class="line">{escape(spot.text)}</pre>' if spot.text else ""
    return f'<div class="where">{escape(spot.where)}</div>{line}'


def _controls(controls: tuple[Control, ...]) -> str:
    if not controls:
        return ""
    items = []
    for control in controls:
        text = f"<code>{escape(control.rule)}</code>: {escape(control.title)}."
        if control.failing is not None:
            where = escape(control.failing.where)
            text += f' <span class="failing">Not met at {where}.</span>'
        items.append(f'<li>{text} <span class="soft">{escape(control.fix)}</span></li>')
    verb = "closes" if len(controls) == 1 else "close"
    return (
        f'<details class="controls"><summary>{count(len(controls), "control")} that '
        f"{verb} this step</summary><ul>{''.join(items)}</ul></details>"
    )


def _left(picture: Picture) -> str:
    if not picture.left_out:
        return ""
    return f"<p>{count(picture.left_out, 'more way')} out left out of this page.</p>"


def _quiet(picture: Picture) -> str:
    if not picture.quiet:
        return ""
    items = "".join(
        f"<li><code>{escape(one)}</code></li>" for one in picture.quiet[:50]
    )
    if len(picture.quiet) > 50:
        items += f"<li>and {len(picture.quiet) - 50:,} more</li>"
    return (
        '<section aria-labelledby="quiet-title"><h2 id="quiet-title">Stores with weights '
        f"and no way out that was found</h2><ul>{items}</ul></section>"
    )


def _losses(picture: Picture) -> str:
    if not picture.losses:
        return "<p>Every file of a known format was read in full.</p>"
    rows = "".join(
        f"<tr><td><code>{escape(loss.kind)}</code></td><td>{loss.number:,}</td>"
        f"<td>{escape(loss.first)}</td></tr>"
        for loss in picture.losses
    )
    return (
        '<table><thead><tr><th scope="col">What</th><th scope="col">How often</th>'
        f'<th scope="col">First</th></tr></thead><tbody>{rows}</tbody></table>'
    )
