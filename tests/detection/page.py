"""Write docs/detection.md from two scores of the detection set.

    python tests/detection/page.py CASES.jsonl RULE.json FACT.json DATE

CASES.jsonl are the labelled cases; the two files are what the detection set's `score.py`
writes by `--json` with map.json and with map_by_fact.json. Differences that are gone are
taken out of differences.json; new ones need a reason there first.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
#: Reasons for which a label is set aside: it does not hold.
ASIDE = (
    *("refused", "label", "dated", "narrower", "wider", "exact", "unmounted"),
    "sample",
)
AREAS = ("weights", "access", "egress", "integrity")
#: What a missed case is beside "not asked".
UNDECIDED, ELSEWHERE = ("account", "names", "elsewhere", "object"), ("place",)


def table(name: str) -> Any:
    """A JSON file beside this one."""
    return json.loads(HERE.joinpath(name).read_text(encoding="utf-8"))


class Scores:
    """One score file, with the cases and the reasons of its differences."""

    def __init__(self, score: Any, cases: dict[str, Any], reasons: dict[str, str]):
        self.score, self.cases, self.reasons = score, cases, reasons
        self.areas = {c["topic_slug"]: c["area"] for c in cases.values()}

    def counts(self, *, less: bool, area: str = "") -> Counter[str]:
        """Hits and misses; with `less` without labels that do not hold."""
        found: Counter[str] = Counter()
        for key, row in self.score["groups"].items():
            group, _, topic = key.partition("|")
            if group == "topic" and area in ("", self.areas[topic]):
                found.update({k: row.get(k, 0) for k in ("tp", "fn", "fp", "tn")})
        for key, name in (("misses", "fn"), ("false_positives", "fp")):
            for case in self.score[key] if less else ():
                if area in ("", self.cases[case]["area"]):
                    found[name] -= self.reasons.get(case) in ASIDE
        return found

    def line(self, label: str, *, less: bool = False, area: str = "") -> str:
        """A row of a table of scores."""
        n = self.counts(less=less, area=area)
        bad, good = n["tp"] + n["fn"], n["fp"] + n["tn"]
        hits, flagged = 100 * n["tp"] / bad, 100 * n["fp"] / good
        found = f"{n['tp']} of {bad} ({hits:.1f} %)"
        return f"| {label} | {found} | {n['fp']} of {good} ({flagged:.1f} %) |"

    def cell(self, topic: str, covered: set[str]) -> str:
        """Two cells of the table of topics, empty where the map lacks the topic."""
        row = self.score["groups"].get(f"topic|{topic}")
        if row is None or topic not in covered:
            return " | "
        n = Counter(row)
        bad, good = n["tp"] + n["fn"], n["fp"] + n["tn"]
        return f"{n['tp']} of {bad} | {n['fp']} of {good}"


def place(case: dict[str, Any]) -> str:
    """Where a case stands, shortly: the fixture's folder or file."""
    name = case["path"].rstrip("/").split("/")
    begins = ("main.", "aws_", "example")
    base = name[-2] if name[-1].startswith(begins) and len(name) > 1 else name[-1]
    match = re.search(r"(?:^|/)((?:example_)?[A-Za-z0-9_]+)/[^/]+$", case["path"])
    where = match[1] if case["peer"] == "checkov" and match else base
    keys = (case["extract"] or {}).get("key")
    return f"{base.split('.')[0]} {'.'.join(map(str, keys[-2:]))}" if keys else where


def differences(cases: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Every difference under its reason."""
    lines = []
    for reason, words in found["reasons"].items():
        lines += [f"### {reason}: {words}\n"]
        for key, why in found["cases"].items():
            if why != reason:
                continue
            case, note = cases[key], found["notes"].get(key)
            lines.append(
                f"- {case['check_id']} {place(case)} `{case['resource'] or 'whole file'}` "
                f"({case['polarity']}, {case['topic_slug']}){': ' + note if note else ''}"
            )
        lines.append("")
    return lines


def settled(found: dict[str, Any], cases: dict[str, Any], scores: list[Any]) -> None:
    """Take out differences that are gone, sort the rest; exit where one has no reason."""
    now = {c for s in scores for k in ("misses", "false_positives") for c in s[k]}
    unexplained = [
        f"no reason: {key} {cases[key]['topic_slug']} {cases[key]['resource']}"
        for key in sorted(now - set(found["cases"]))
    ]
    if unexplained:
        raise SystemExit("\n".join(unexplained))
    reasons = list(found["reasons"])

    def order(key: str) -> tuple[Any, ...]:
        case = cases[key]
        first = reasons.index(found["cases"][key]), case["polarity"] != "bad"
        return *first, case["topic_slug"], case["check_id"], str(case["resource"])

    found["cases"] = {k: found["cases"][k] for k in sorted(now, key=order)}
    used = set(found["cases"].values())
    found["reasons"] = {k: v for k, v in found["reasons"].items() if k in used}
    found["notes"] = {k: v for k, v in found["notes"].items() if k in now}


def page(cases: dict[str, Any], rule: Any, fact: Any, date: str) -> str:
    """The page."""
    found = table("differences.json")
    settled(found, cases, [rule, fact])
    text = json.dumps(found, indent=2, ensure_ascii=False)
    HERE.joinpath("differences.json").write_text(text + "\n", encoding="utf-8")
    by_rule = Scores(rule, cases, found["cases"])
    by_fact = Scores(fact, cases, found["cases"])
    maps = (table("map.json"), table("map_by_fact.json"))
    covered = [{t for topics in m.values() for t in topics} for m in maps]
    number = Counter((c["topic_slug"], c["polarity"]) for c in cases.values())
    topics = []
    for topic in sorted(covered[0] | covered[1]):
        rules = {k.split("#")[0] for m in maps for k, v in m.items() if topic in v}
        cells = f"{by_rule.cell(topic, covered[0])} | {by_fact.cell(topic, covered[1])}"
        topics.append(f"| {topic} | {', '.join(sorted(rules))} | {cells} |")
    left = []
    for row in table("left_out.json"):
        names = [f"{t} ({number[t, 'bad']}/{number[t, 'good']})" for t in row["topics"]]
        left.append(f"| {row['area']} | {', '.join(names)} | {row['why']} |")
    named = {t for row in table("left_out.json") for t in row["topics"]}
    every = {c["topic_slug"] for c in cases.values()}
    assert named == every - covered[0] - covered[1], named ^ every
    missed = [found["cases"][c] for c in fact["misses"]]
    rest = [why for why in missed if why not in ASIDE]
    areas = [
        by_fact.line(f"{area}{words}", less=less, area=area)
        for area in AREAS
        for less, words in ((False, ""), (True, ", without labels that do not hold"))
    ]
    text = HERE.joinpath("page.md").read_text(encoding="utf-8")
    n = by_fact.counts(less=True)
    fills = {
        "date": date,
        "rule": by_rule.line("by rule (`map.json`)"),
        "rule_less": by_rule.line(
            "the same without labels that do not hold (below)", less=True
        ),
        "fact": by_fact.line("by requirement (`map_by_fact.json`)"),
        "fact_less": by_fact.line(
            "the same without labels that do not hold", less=True
        ),
        "areas": "\n".join(areas),
        "recall": f"{100 * n['tp'] / (n['tp'] + n['fn']):.1f}",
        "flagged": f"{100 * n['fp'] / (n['fp'] + n['tn']):.1f}",
        "missed": str(len(rest)),
        "undecided": str(sum(why in UNDECIDED for why in rest)),
        "elsewhere": str(sum(why in ELSEWHERE for why in rest)),
        "unasked": str(sum(why not in (*UNDECIDED, *ELSEWHERE) for why in rest)),
        "exact": str(sum(why == "exact" for why in found["cases"].values())),
        "unmounted": str(sum(why == "unmounted" for why in found["cases"].values())),
        "sample": str(sum(why == "sample" for why in found["cases"].values())),
        "covered": str(len(topics)),
        "every": str(len(every)),
        "uncovered": str(len(named)),
        "topics": "\n".join(topics),
        "left": "\n".join(left),
        "differences": "\n".join(differences(cases, found)).rstrip(),
    }
    return re.sub(r"<<(\w+)>>", lambda match: fills[match[1]], text)


def main(cases: str, rule: str, fact: str, date: str) -> None:
    """Write the page."""
    lines = Path(cases).read_text(encoding="utf-8").splitlines()
    known = {case["id"]: case for case in map(json.loads, lines)}
    scores = [json.loads(Path(p).read_text(encoding="utf-8")) for p in (rule, fact)]
    made = page(known, scores[0], scores[1], date)
    target = HERE.parent.parent.joinpath("docs", "detection.md")
    target.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:5])
