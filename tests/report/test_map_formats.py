"""The forms of the map: nothing of a stranger acts, nothing is lost in silence."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from xml.dom import minidom

import pytest
from map_sample import HOSTILE, crowd, hostile, sample

from mlsec_lint.picture import STATES
from mlsec_lint.report.map import FORMATS, render_as
from mlsec_lint.report.map.drawing import MOST_WALKS, drawing
from mlsec_lint.report.safe import UNSAFE


class Page(HTMLParser):
    """What a browser would see: tags with attributes, and the text of each script."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.inner: dict[str, list[str]] = {"script": [], "style": []}
        self._open = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._open = tag
        if tag in self.inner:
            self.inner[tag].append("")

    def handle_endtag(self, _tag):
        self._open = ""

    def handle_data(self, data):
        if self._open in self.inner:
            self.inner[self._open][-1] += data
        else:
            self.text.append(data)


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render_as("html", sample()))


def test_no_text_becomes_a_tag_or_an_attribute(page: Page) -> None:
    names = {tag for tag, _ in page.tags}
    attributes = {name for _, attrs in page.tags for name in attrs}

    assert names.isdisjoint({"img", "iframe", "object", "embed", "base", "b", "link"})
    assert [tag for tag, _ in page.tags].count("script") == 2
    assert not [name for name in attributes if name.startswith("on")]
    assert attributes.isdisjoint({"src", "style", "action", "autofocus", "srcdoc"})
    links = [a.get("href") for tag, a in page.tags if tag == "a"]
    assert all(link and link.startswith("#") for link in links)


def test_every_hostile_text_is_shown_as_it_is(page: Page) -> None:
    text = "".join(page.text)

    for at in range(len(HOSTILE)):
        for words in ("because", "words", "message", "title", "fix", "line"):
            assert f"{words} {hostile(at)}" in text


def test_the_policy_admits_exactly_the_own_script_and_style(page: Page) -> None:
    (policy,) = [
        attrs["content"] or ""
        for tag, attrs in page.tags
        if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    data, script = page.inner["script"]
    (style,) = page.inner["style"]

    def digest(text: str) -> str:
        return base64.b64encode(sha256(text.encode()).digest()).decode()

    assert f"script-src 'sha256-{digest(script)}'" in policy
    assert f"style-src 'sha256-{digest(style)}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert json.loads(data)["version"] == 1


def test_the_data_ends_no_script_and_holds_no_line_separator(page: Page) -> None:
    data = page.inner["script"][0]

    assert data.isascii()
    assert not set("<>&") & set(data)
    assert json.loads(data) == json.loads(render_as("json", sample()))


def test_the_page_names_no_other_host(page: Page) -> None:
    own = "".join((*page.inner["style"], page.inner["script"][1]))

    assert "http" not in own
    assert "url(" not in own
    assert "innerHTML" not in own


@pytest.mark.parametrize("name", FORMATS)
def test_no_character_acts_on_a_terminal_or_turns_text_around(name: str) -> None:
    text = render_as(name, sample())

    bad = [c for c in text if any(low <= ord(c) <= high for low, high in UNSAFE)]
    assert set(bad) <= {"\n"}


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_picture_gives_the_same_bytes(name: str) -> None:
    assert render_as(name, sample()) == render_as(name, sample())


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_picture_has_every_form(name: str) -> None:
    assert render_as(name, crowd(0))


def test_positive_tab_orders_are_not_used_and_controls_have_names(page: Page) -> None:
    assert {a["tabindex"] for _, a in page.tags if "tabindex" in a} <= {"0", "-1"}
    for _, attrs in page.tags:
        if attrs.get("role") == "button":
            assert attrs["aria-label"]


def test_big_pictures_say_what_is_left_out() -> None:
    text = render_as("html", crowd(200))

    assert drawing(crowd(200), live=True).walks == MOST_WALKS
    assert f"Drawn are the first {MOST_WALKS}; {200 - MOST_WALKS} more are in" in text
    assert text.count('class="walk"') == 200
    assert "7 more ways out left out" in render_as("html", sample())


def test_svg_is_well_formed_whatever_the_names_are() -> None:
    tree = minidom.parseString(render_as("svg", sample()))

    assert {e.tagName for e in tree.getElementsByTagName("*")} == {
        "svg", "style", "rect", "g", "path", "text", "title",
    }  # fmt: skip
    titles = [e.firstChild.data for e in tree.getElementsByTagName("title")]
    assert f"store store {hostile(0)}" in titles


def test_mermaid_keeps_its_fence_and_its_labels_closed() -> None:
    text = render_as("mermaid", sample())
    lines = text.split("\n")
    start = lines.index("```mermaid")
    end = lines.index("```", start)
    number = r"n\d+"
    quoted = r'"(?:[A-Za-z0-9 ,=()*+./_:-]|#\d+;|<br>)*"'
    known = re.compile(
        rf"flowchart LR|  classDef \S+ \S+|  class {number} (?:store|sink)"
        rf"|  {number}\[{quoted}\]|  {number} (?:==>|-\.->|-->)(?:\|{quoted}\|)? {number}"
    )

    assert end > start
    for line in lines[start + 1 : end]:
        assert known.fullmatch(line), line
    around = re.sub(r"`+[^`]*`+", "", "\n".join((*lines[:start], *lines[end + 1 :])))
    assert "@everyone" not in around
    assert "https://" not in around
    assert "](" not in around


@pytest.mark.parametrize("limit", [2_000, 6_000, 20_000])
def test_mermaid_fits_a_comment(limit: int) -> None:
    from mlsec_lint.report.map.mermaid import render

    text = render(crowd(300), limit=limit)

    assert len(text) <= limit
    assert re.search(r"_[\d,]+ more ways out left out here\._", text)


def test_dot_strings_are_closed() -> None:
    text = render_as("dot", sample())
    string = r'"(?:[^"\\]|\\.)*"'
    rest = re.sub(string, '""', text)

    assert rest.count('"') % 2 == 0
    assert "javascript" not in rest
    assert not re.search(r"\b(?:URL|href|target)\s*=", rest)


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_reads_it() -> None:
    text = render_as("dot", sample())
    done = subprocess.run(
        ["dot", "-Tplain"], input=text, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr


def test_json_numbers_lead_to_what_is_there() -> None:
    tree = json.loads(render_as("json", sample()))

    assert set(tree["counts"]) == {*STATES, "left_out"}
    for walk in tree["walks"]:
        steps = [tree["edges"][at] for at in walk["edges"]]
        for one, other in pairwise(steps):
            assert one["to"] == other["from"]
        assert tree["nodes"][steps[0]["from"]]["address"] == walk["store"]
        assert tree["nodes"][steps[-1]["to"]]["role"] == "sink"


def test_a_part_of_a_picture_keeps_its_steps_together() -> None:
    whole = sample()
    part = whole.part(3)

    assert part.left_out == whole.left_out + len(whole.walks) - 3
    for ours, theirs in zip(part.walks, whole.walks, strict=False):
        for one, other in zip(ours.edges, theirs.edges, strict=True):
            here, there = part.edges[one], whole.edges[other]
            assert here.words == there.words
            assert part.nodes[here.source] == whole.nodes[there.source]
            assert part.nodes[here.target] == whole.nodes[there.target]
