"""Rules about paths: which rule has a path, what excuses it, and what becomes its part."""

from __future__ import annotations

from dataclasses import replace

from rule_estates import HEAD, LISTS, Yard, baseline, policies, rule, unknown

from mlsec_lint.estate.walks import Hop, Path
from mlsec_lint.finding import Suppression, Verdict
from mlsec_lint.rules.baseline import NamedList
from mlsec_lint.rules.judge import judge

SAY = 'say: "{store} goes to {sink} by {last}"\nfix: Close it.\nwhy: It matters.\n'


class Lab:
    """A bucket with weights, a role that reads it, an endpoint without a policy."""

    def __init__(self, *, limited: object = False) -> None:
        self.yard = Yard()
        self.store = self.yard.thing("store", "aws_s3_bucket.w")
        self.yard.weights(self.store, "referenced")
        self.role = self.yard.thing("identity", "aws_iam_role.r")
        self.yard.weights(self.role)
        self.role.state("writes.any_store", value=True, span=self.yard.span())
        self.gate = self.yard.thing("gateway", "aws_vpc_endpoint.s3")
        self.gate.state("stores.limited", limited, self.yard.span())

    def path(
        self, sink: str = "account", name: str = "*", by: str = "any-store", **more
    ):
        controls = ("writes-anywhere",)
        hops = (
            Hop(
                "aws_iam_role.r",
                self.yard.span(),
                "may read it",
                self.role,
                None,
                (),
                controls,
            ),
            Hop(
                "aws_vpc_endpoint.s3",
                self.yard.span(),
                "an endpoint",
                self.gate,
                more.get("unknown"),
            ),
        )
        entry = more.pop("entry", "aws_iam_role.r")
        path = Path(self.store, sink, name, by, hops, entry, **more)
        self.yard.estate.paths = (*self.yard.estate.paths, path)
        return path

    def judged(
        self, *rules, level: str = "SL2", mark: str = "note", excuse=None, **lists
    ):
        terms = baseline(mark, level)
        named = {
            key.replace("_", "-"): NamedList(value) for key, value in lists.items()
        }
        terms = replace(terms, lists={**LISTS, **named})
        return judge(policies(*rules), terms, self.yard.estate, excuse=excuse)


def finder(
    identity: str = "a-rule", to: str = "{sink: account}", more: str = "", **head
):
    text = HEAD.replace("a-rule", identity)
    for key, value in head.items():
        text = text.replace({"severity": "high", "level": "SL2"}[key], value)
    return rule(f"find path:\n  from: weight store\n  to: {to}\n{more}", text, SAY)


def test_a_path_is_a_finding_at_its_last_line():
    lab = Lab()
    path = lab.path()
    [finding] = lab.judged(finder()).findings
    assert finding.verdict is Verdict.FAIL
    assert finding.span == path.hops[-1].span
    assert finding.message == "aws_s3_bucket.w goes to any account by aws_iam_role.r"
    assert finding.path == {
        "source": "aws_s3_bucket.w",
        "sink": "account:*",
        "hops": ["aws_iam_role.r", "aws_vpc_endpoint.s3"],
        "by": "any-store",
    }
    assert [step.address for step in finding.steps] == [
        "aws_s3_bucket.w",
        "aws_iam_role.r",
        "aws_vpc_endpoint.s3",
    ]


def test_of_several_rules_the_most_severe_has_the_path():
    lab = Lab()
    lab.path()
    low = finder("b-rule", severity="low")
    worst = finder("c-rule", severity="critical")
    assert [f.rule for f in lab.judged(low, worst, finder()).findings] == ["c-rule"]


def test_only_paths_of_the_kind_and_the_sink():
    lab = Lab()
    lab.path()
    assert lab.judged(finder(more="  by: backup\n")).findings == []
    assert lab.judged(finder(to="{sink: internet}")).findings == []
    both = finder(to="{sink: [internet, account]}", more="  by: [backup, any-store]\n")
    assert len(lab.judged(both).findings) == 1


def test_a_store_without_a_path_meets_the_rule():
    lab = Lab()
    assert lab.judged(finder()).tally("met") == 1
    lab.path()
    assert lab.judged(finder()).tally("failed") == 1


def test_names_are_asked_of_lists():
    lab = Lab()
    lab.path(name="444455556666")
    outside = finder(to="{sink: account, outside: lab-accounts}")
    assert len(lab.judged(outside, lab_accounts=()).findings) == 1
    assert lab.judged(outside, lab_accounts=("444455556666",)).findings == []
    anything = finder(to="{sink: account, outside: no-limit}")
    assert lab.judged(anything).findings == []


def test_a_certain_fact_of_a_hop_excuses_and_an_unknown_one_does_not():
    unless = "unless:\n  - hop.gateway.stores.limited: true\n"
    for limited, number in ((True, 0), (False, 1), (unknown(), 1)):
        lab = Lab(limited=limited)
        lab.path()
        assert len(lab.judged(finder(more=unless)).findings) == number


def test_a_possible_path_is_undecided_and_a_warning_at_most():
    for mark, severity in (
        ("note", "info"),
        ("warning", "medium"),
        ("error", "medium"),
    ):
        lab = Lab()
        lab.path(unknown=unknown("var.policy"))
        judgement = lab.judged(finder(severity="critical"), mark=mark)
        [finding] = judgement.findings
        assert finding.verdict is Verdict.UNKNOWN
        assert finding.severity == severity
        assert finding.settle == ("var.policy",)
        assert judgement.settle == (("var.policy", 1),)
        assert finding.message.startswith("it may be that ")
    lab = Lab()
    lab.path(unknown=unknown())
    silent = lab.judged(finder(), mark="silent")
    assert silent.findings == []
    assert silent.tally("undecided") == 1


def test_two_paths_with_one_last_line_stay_two():
    lab = Lab()
    first = lab.path()
    second = first._replace(hops=(first.hops[1],), entry="aws_vpc_endpoint.s3")
    lab.yard.estate.paths = (first, second)
    found = lab.judged(finder()).findings
    assert len(found) == 2
    assert len({finding.fingerprint() for finding in found}) == 2


WRITES = "for each: weight identity\nrequire:\n  - writes.any_store: false\n"


def single(identity: str = "writes-anywhere"):
    return rule(WRITES, HEAD.replace("a-rule", identity))


def test_a_single_finding_on_the_path_becomes_a_part_of_it():
    lab = Lab()
    lab.path()
    parts = {f.rule: f for f in lab.judged(finder(), single()).findings}
    whole = parts["a-rule"]
    assert parts["writes-anywhere"].part_of == (whole.fingerprint(),)
    assert "writes-anywhere: " in whole.parts[0].words


def test_what_no_hop_names_stands_alone():
    lab = Lab()
    lab.path()
    found = lab.judged(finder(), single("another-rule")).findings
    assert all(finding.part_of == () for finding in found)


def test_a_possible_or_accepted_path_takes_nothing_in():
    lab = Lab()
    lab.path(unknown=unknown())
    found = lab.judged(finder(), single()).findings
    assert all(finding.part_of == () for finding in found)
    lab = Lab()
    lab.path()

    def excuse(finding):
        return Suppression("external", "known") if finding.path else None

    found = lab.judged(finder(), single(), excuse=excuse).findings
    assert all(finding.part_of == () for finding in found)


def test_a_fingerprint_names_hops_and_no_lines():
    one, two = Lab(), Lab()
    two.yard.span()
    prints = [lab.judged(finder()).findings for lab in (one, two) if lab.path()]
    [[first], [second]] = prints
    assert first.span != second.span
    assert first.fingerprint() == second.fingerprint()
