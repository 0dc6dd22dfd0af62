"""The ranges and their answers: what is said of a range, held against what is true.

`tests/ranges/README.md` explains the answers. An address matches when it is equal to the
expected one or ends with it; a finding hits a line when it touches it, the block that
the line opens, or, where asked, three lines around.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mlsec_lint.commands.scan import plain_scan
from mlsec_lint.finding import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark.structures import ParameterSet

    from mlsec_lint.finding import Finding, Result

    Answer = dict[str, Any]

RANGES = Path(__file__).parent / "ranges"
NAMES = sorted(p.parent.name for p in RANGES.glob("*/expected.json"))
NEAR = 3
#: What is still missed: range -> test -> why. Strict: who solves one takes it from here.
OPEN = {
    "r41-export-then-copy": {
        "stores": "only a tag and a name join the path to the file system",
        "paths": "shared storage of ParallelCluster is not read",
        "fires": "shared storage of ParallelCluster is not read",
    },
    "r48-two-errands": {
        "paths": "what a step makes of weights is told as possible only",
    },
    "r53-machine-room": {
        "silent": "a file of figures counts as an upload too",
    },
    "r54-rented-fleet": {
        "paths": "Cloudflare Access may ask for a login: told as possible only",
    },
    "r72-two-clouds": {
        "paths": "a bucket that nobody declares is told as possible only",
        "fires": "a bucket that nobody declares is told as possible only",
    },
}
_OBJECT = re.compile(r"[A-Z]\w+/[^/]*/([^/#*]+)")


def cases(test: str) -> list[ParameterSet]:
    """Every range for a test, those that it misses as strict expected failures."""
    return [
        pytest.param(
            name,
            marks=[pytest.mark.xfail(reason=why, strict=True)]
            if (why := OPEN.get(name, {}).get(test))
            else [],
        )
        for name in NAMES
    ]


@cache
def result(name: str) -> Result:
    """The scan of a range as it is."""
    return plain_scan(str(RANGES / name / "repo"), "--baseline", "SL4")


@cache
def expected(name: str) -> Answer:
    found: Answer = json.loads((RANGES / name / "expected.json").read_text())
    return found


def glob(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", ".*")


def same(reported: str, wanted: str) -> bool:
    """Equal, or ending with it at a word boundary; `*` is anything, ` | ` is or.

    `Kind/namespace/name` is also met by `file#name`.
    """
    for alternative in wanted.split(" | "):
        if re.search(rf"(^|(?<![\w-])){glob(alternative)}$", reported):
            return True
        named = _OBJECT.fullmatch(alternative)
        if named and reported.endswith(f"#{named[1]}"):
            return True
    return False


# -- paths --------------------------------------------------------------------------


def paths(found: Result) -> list[Finding]:
    """Certain paths: a possible one is neither a hit nor a mistake."""
    with_path = [f for f in found.findings if f.path is not None]
    return [f for f in with_path if f.verdict is Verdict.FAIL]


def ends(finding: Finding) -> tuple[str, str]:
    """Source and sink of a path."""
    assert finding.path is not None
    return str(finding.path["source"]), str(finding.path["sink"])


def hops(finding: Finding) -> list[str]:
    """Source and hops of a path."""
    assert finding.path is not None
    listed = finding.path["hops"]
    assert isinstance(listed, list)
    return [str(finding.path["source"]), *map(str, listed)]


def visits(finding: Finding, wanted: str) -> bool:
    return any(same(hop, wanted) for hop in hops(finding))


def ends_match(finding: Finding, entry: Answer) -> bool:
    source, sink = ends(finding)
    sources = (entry["source"], *entry.get("source_also", ()))
    sinks = (entry["sink"], *entry.get("sink_also", ()))
    return any(same(source, s) for s in sources) and any(
        re.fullmatch(glob(s), sink, re.IGNORECASE) for s in sinks
    )


def complete(finding: Finding, entry: Answer) -> bool:
    """Whether a path is the planted one with all the hops that it must visit."""
    must = entry["must_visit"]
    return ends_match(finding, entry) and all(visits(finding, one) for one in must)


def conditional(entry: Answer) -> bool:
    return any(key in entry for key in ("via", "not_via", "via_file"))


def forbidden(finding: Finding, entry: Answer) -> bool:
    """Whether a path is one that an answer says is closed."""
    if not ends_match(finding, entry):
        return False
    if "via" in entry:
        return visits(finding, entry["via"])
    if "not_via" in entry:
        return not visits(finding, entry["not_via"])
    if "via_file" in entry:
        spans = [finding.span, *(step.span for step in finding.steps)]
        return any(f"/{entry['via_file']}" in f"/{span.path}" for span in spans)
    return True


def mistakes(found: Result, answer: Answer) -> Iterator[tuple[str, str, str]]:
    """Source, sink and reason of every path that is not there in truth."""
    for finding in paths(found):
        planted = any(ends_match(finding, one) for one in answer["paths"])
        source, sink = ends(finding)
        if any(same(source, other) for other in answer["not_weight_stores"]):
            yield source, sink, "its source holds no weights"
        for entry in answer["no_paths"]:
            asked = conditional(entry) or not planted
            if asked and forbidden(finding, entry):
                yield source, sink, entry["because"]


# -- single findings ----------------------------------------------------------------


def extent(name: str, entry: Answer) -> tuple[int, int]:
    """The lines an answer stands for: a block for its header, else the line itself."""
    lines = (RANGES / name / "repo" / entry["file"]).read_text().split("\n")
    first = entry["line"]
    text = lines[first - 1]
    if not entry["file"].endswith(".tf") or not text.rstrip().endswith("{"):
        return first, first
    indent = text[: len(text) - len(text.lstrip())]
    for number in range(first, len(lines)):
        if lines[number].startswith(indent + "}"):
            return first, number + 1
    return first, first


def hits(name: str, entry: Answer, verdict: Verdict, near: int) -> list[Finding]:
    """Findings of the answer's rule that touch its lines, or `near` lines around."""
    first, last = extent(name, entry)
    return [
        finding
        for finding in result(name).findings
        if finding.rule == entry["rule"]
        and finding.verdict is verdict
        and finding.span.path == entry["file"]
        and finding.span.line <= last + near
        and finding.span.end_line >= first - near
    ]
