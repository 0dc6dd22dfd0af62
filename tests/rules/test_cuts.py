"""Suggested cuts: which change, at which line, and what it closes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlsec_lint.commands.judging import builtin_policies
from mlsec_lint.commands.scan import plain_scan
from mlsec_lint.estate import Estate
from mlsec_lint.finding import Closer, Finding, Related, Verdict
from mlsec_lint.report import render_as, wording
from mlsec_lint.rules.baseline import read_baseline
from mlsec_lint.rules.cuts import suggest
from mlsec_lint.rules.read import read_policies
from mlsec_lint.source import Source, Span

if TYPE_CHECKING:
    from mlsec_lint.finding import Cuts, Result

HERE = Path(__file__).parent.parent
TEXT = Source("main.tf", "".join(f"line {n}\n" for n in range(40)))


@pytest.fixture(scope="module")
def mirror() -> Result:
    return plain_scan(str(HERE / "ranges/r11-metrics-mirror/repo"))


def paths(result: Result) -> list[Finding]:
    return [f for f in result.findings if f.path is not None]


def test_each_path_has_its_change_at_the_line_that_fails(mirror: Result) -> None:
    cuts = {
        f.path["by"]: f.cut
        for f in paths(mirror)
        if f.path is not None and f.verdict is Verdict.FAIL
    }

    tracker = cuts["tracker"]
    assert tracker is not None
    assert tracker.rule == "egress-tracker-artifacts"
    assert tracker.failing
    assert tracker.span.path.endswith("tracking.yaml")
    network = cuts["network"]
    assert network is not None
    assert network.rule == "egress-no-internet-route"


def test_a_change_names_the_paths_that_it_closes(mirror: Result) -> None:
    prints = {f.fingerprint() for f in paths(mirror) if f.verdict is Verdict.FAIL}
    closed = [one for cut in mirror.cuts.changes for one in cut.closes]

    assert mirror.cuts.paths == mirror.cuts.closed == len(prints)
    assert set(closed) == prints


def test_one_change_closes_both_paths_of_one_upload(tmp_path: Path) -> None:
    """Two jobs with one overlay's switch: one line."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(
            "base_model: org/base\n"
            f"output_dir: s3://runs-{name}/sft\n"
            f"hub_model_id: people/{name}\n"
            "push_to_hub: true\n"
        )
    result = plain_scan(str(tmp_path))

    found = [f for f in paths(result) if f.verdict is Verdict.FAIL]
    assert len(found) == len(result.cuts.changes) == 2
    assert [f.cut.span.path for f in found if f.cut] == ["a.yaml", "b.yaml"]


def test_shared_upload_is_one_change() -> None:
    """Two stores of the lab leave by one tracker's line."""
    result = plain_scan(str(HERE.parent / "examples/lab"))
    tracked = [f for f in paths(result) if f.path and f.path["by"] == "tracker"]

    assert len(tracked) == 2
    keys = {(f.cut.rule, f.cut.span.line) for f in tracked if f.cut is not None}
    assert len(keys) == 1
    (change,) = [c for c in result.cuts.changes if len(c.closes) == 2]
    assert set(change.closes) == {f.fingerprint() for f in tracked}


def test_accepted_paths_count_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "job.yaml").write_text(
        "base_model: org/base\n"
        "output_dir: s3://runs/sft\n"
        "hub_model_id: people/x\n"
        "push_to_hub: true # mlsec: ignore weights-to-outside-service published\n"
    )
    result = plain_scan(str(tmp_path))

    (path,) = [f for f in paths(result) if f.verdict is Verdict.FAIL]
    assert path.suppression is not None
    assert result.cuts.paths == 0
    assert "closes" not in render_as("text", result)


def test_reports_tell_the_changes(mirror: Result) -> None:
    text = render_as("text", mirror, width=120)
    comment = render_as("markdown", mirror)

    number = len(mirror.cuts.changes)
    assert f"These {number} changes close {number} of {number} paths:" in text
    assert "  1 meet " in text
    assert f"**These {number} changes close {number} of {number} paths**" in comment


def test_rules_of_higher_levels_are_asked_too(tmp_path: Path) -> None:
    """The baseline has no rule but the path's; the line that fails is told all the same."""
    own = tmp_path / "own.yaml"
    own.write_text("id: own\nextends: SL1\nwith: [weights-to-internet]\n")
    where = str(HERE / "ranges/r11-metrics-mirror/repo")
    result = plain_scan(where, "--baseline", str(own))

    (cut,) = [f.cut for f in paths(result) if f.rule == "weights-to-internet"]
    assert cut is not None
    assert cut.failing
    assert cut.rule not in {f.rule for f in result.findings}


def test_what_the_baseline_leaves_out_is_not_proposed(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("id: own\nextends: SL2\nwithout: [egress-no-internet-route]\n")
    where = str(HERE / "ranges/r11-metrics-mirror/repo")
    result = plain_scan(where, "--baseline", str(own))

    (cut,) = [f.cut for f in paths(result) if f.rule == "weights-to-internet"]
    assert cut is not None
    assert cut.rule == "egress-no-allow-all"


def test_one_rule_alone_names_the_line_of_the_step() -> None:
    where = str(HERE / "ranges/r11-metrics-mirror/repo")
    result = plain_scan(where, "--rule", "weights-to-internet")

    (path,) = paths(result)
    assert path.cut is not None
    assert not path.cut.failing
    assert path.cut.span == path.steps[path.cut.step].span


def at(line: int) -> Span:
    start = TEXT.line_starts()[line - 1]
    return Span(TEXT, start, start + 4)


def way(store: str, *hops: tuple[str, int, tuple[str, ...]]) -> Finding:
    """A certain path over things at lines, with the controls of each hop."""
    steps = [Related(at(1), "holds weights", store)]
    steps += [Related(at(line), "leads on", address) for address, line, _ in hops]
    return Finding(
        rule="weights-to-internet",
        title="",
        verdict=Verdict.FAIL,
        severity="critical",
        level="SL2",
        area="paths",
        message="",
        span=steps[-1].span,
        subject=store,
        path={
            "source": store,
            "sink": "internet",
            "hops": [address for address, _, _ in hops],
            "by": "network",
        },
        steps=tuple(steps),
        closers=tuple(
            Closer(rule, address, step)
            for step, (address, _, rules) in enumerate(hops, 1)
            for rule in rules
        ),
    )


def suggested(*found: Finding) -> Cuts:
    policies, _ = read_policies([builtin_policies()])
    baseline, _ = read_baseline("SL2", [builtin_policies()], None)
    assert baseline is not None
    return suggest(found, policies, baseline, Estate())


DENY, ROUTE = "egress-default-deny", "egress-no-internet-route"


def test_one_line_that_three_paths_pass_is_changed_once() -> None:
    gateway = ("nat", 9, (ROUTE,))
    ways = [way(f"s{n}", (f"pod{n}", n + 2, (DENY,)), gateway) for n in range(3)]
    cuts = suggested(*ways)

    (change,) = cuts.changes
    assert (change.rule, change.address, change.span.line) == (ROUTE, "nat", 9)
    assert cuts.closed == cuts.paths == 3
    assert not change.failing
    assert {w.cut.rule for w in ways if w.cut is not None} == {ROUTE}
    assert wording.cuts(cuts, 3) == "This change closes 3 of 3 paths"


def test_the_same_thing_at_another_line_is_another_change() -> None:
    ways = [way("s", ("role", n, ("access-no-wildcard",))) for n in (4, 5)]
    ways[1].path = {**(ways[1].path or {}), "sink": "person"}

    assert len(suggested(*ways).changes) == 2


def test_a_path_that_no_control_closes_is_said() -> None:
    cuts = suggested(way("s", ("pod", 3, ())), way("t", ("pod", 4, (DENY,))))

    assert (cuts.closed, cuts.paths) == (1, 2)
    assert wording.cuts(cuts, 3) == (
        "This change closes 1 of 2 paths; for 1 no single change is known"
    )
    alone = suggested(way("s", ("pod", 3, ())))
    assert wording.cuts(alone, 3) == "For 1 path no single change is known"


def test_what_fails_there_now_comes_before_what_is_only_named() -> None:
    path = way("s", ("pod", 3, (DENY,)), ("nat", 9, (ROUTE,)))
    failing = way("s")
    failing.path, failing.rule, failing.subject, failing.span = None, DENY, "pod", at(7)
    failing.steps, failing.fix = (), "Deny."
    suggested(path, failing)

    assert path.cut is not None
    assert (path.cut.rule, path.cut.span.line, path.cut.step) == (DENY, 7, 1)
    assert path.cut.failing


def test_the_fewest_changes_even_where_greed_takes_more() -> None:
    """Six paths; the change that closes most is in no smallest choice."""
    places = {"a": (0, 1, 2), "b": (3, 4, 5), "greedy": (1, 2, 3, 4)}
    ways = [
        way(
            f"s{n}",
            *(
                (name, 10 + k, (DENY,))
                for k, name in enumerate(places)
                if n in places[name]
            ),
        )
        for n in range(6)
    ]

    assert {c.address for c in suggested(*ways).changes} == {"a", "b"}
