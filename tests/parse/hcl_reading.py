"""How the HCL tests read the oracle's files and look at trees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mlsec_lint.parse.hcl import tree
from mlsec_lint.parse.hcl.height import children
from mlsec_lint.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

SYNTAX = Path(__file__).parent.parent / "oracle" / "terraform" / "syntax"
BOM = b"\xef\xbb\xbf"


class Case(NamedTuple):
    """A text and how Terraform 1.11.4 judged its syntax.

    `first` is the line of the first error and all summaries given for that very place.
    """

    id: str
    source: Source
    accepted: bool
    first: tuple[int, set[str]] | None


def decode(data: bytes, path: str = "case.tf") -> Source:
    bom = data.startswith(BOM)
    text = data[len(BOM) * bom :].decode("utf-8", "surrogateescape")
    return Source(path, text, bom=bom)


def authored() -> Iterator[Case]:
    verdicts: dict[str, Any] = json.loads((SYNTAX / "verdicts.json").read_text("utf-8"))
    for name, verdict in sorted(verdicts.items()):
        source = decode((SYNTAX / f"{name}.tf").read_bytes())
        first = None
        if not verdict["syntax_ok"]:
            ranges = [
                (d["range"]["start"], d["summary"]) for d in verdict["diagnostics"]
            ]
            start = ranges[0][0]
            first = (
                start["line"],
                {s for at, s in ranges if at["byte"] == start["byte"]},
            )
        yield Case(name, source, verdict["syntax_ok"], first)


def mutated() -> Iterator[Case]:
    for line in (SYNTAX / "fuzz.jsonl").read_text("utf-8").splitlines():
        found = json.loads(line)
        source = decode(found["src"].encode("utf-8", "surrogatepass"))
        accepted = found["syntax_ok"]
        first = None if accepted else (found["line"], {found["error"]})
        yield Case(found["id"], source, accepted, first)


def nodes(root: tree.Body | tree.Node) -> Iterator[tree.Node]:
    """All nodes of a tree, bodies, attributes, blocks and labels included."""
    todo: list[tree.Node] = [root]
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, tree.Body):
            todo.extend(node.attributes.values())
            todo.extend(node.blocks)
        else:
            todo.extend(children(node))


def render(parts: tuple[tree.TemplatePart, ...]) -> str:
    """A template of literal strings evaluated; directives as canonical text."""
    out = ""
    for part in parts:
        match part:
            case tree.Text():
                out += part.value
            case tree.Interpolation(expression=tree.Template() as inner):
                out += render(inner.parts)
            case tree.IfDirective():
                out += "%{if true}" + render(part.then)
                if part.otherwise:
                    out += "%{else}" + render(part.otherwise)
                out += "%{endif}"
            case _:
                raise AssertionError(f"{part} is no literal")
    return out
