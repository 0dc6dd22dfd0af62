"""Prints how the evaluator compares with Terraform's own answers, by group.

python bench/oracle.py [expressions] [modules] [aws] [--wrong] [--precise]
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [
    str(Path(__file__).parent.parent),
    str(Path(__file__).parent.parent / "tests" / "terraform"),
]

import oracle  # noqa: E402


def outcomes(wanted: set[str]):
    if "expressions" in wanted:
        for case in oracle.expressions():
            yield oracle.judge_expression(case), bool(case.get("error"))
    if "modules" in wanted:
        for folder in oracle.modules():
            for outcome in oracle.judge_module(folder):
                yield outcome, False
    if "aws" in wanted:
        for folder in oracle.aws_cases():
            for outcome in oracle.judge_aws(folder):
                yield outcome, False


def main(arguments: list[str]) -> int:
    flags = {a for a in arguments if a.startswith("--")}
    wanted = set(arguments) - flags or {"expressions", "modules", "aws"}
    table: dict[str, Counter[str]] = {}
    errors: Counter[bool] = Counter()
    started = time.perf_counter()
    for outcome, is_error in outcomes(wanted):
        table.setdefault(outcome.group, Counter())[outcome.verdict] += 1
        if is_error:
            errors[outcome.verdict == "agree"] += 1
        if f"--{outcome.verdict}" in flags:
            print(f"{outcome.verdict}: {outcome.id}: {outcome.why}")
    total: Counter[str] = Counter()
    for group, counts in sorted(table.items()):
        total.update(counts)
        print(
            f"{group:24} {counts['agree']:5} agree {counts['precise']:4} precise {counts['wrong']:4} wrong"
        )
    print(
        f"{'all':24} {total['agree']:5} agree {total['precise']:4} precise {total['wrong']:4} wrong"
    )
    if errors:
        print(f"errors recognised: {errors[True]} of {errors.total()}")
    print(f"{time.perf_counter() - started:.1f} s")
    return 1 if total["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
