"""Append the deciding fact to each rule id of a SARIF report: `rule#fact`.

For scoring against labels that ask for one setting where a rule asks for several:
`mlsec-lint scan DIR --format sarif | python tests/detection/by_fact.py`.
"""

from __future__ import annotations

import json
import sys
from typing import Any


def by_fact(report: dict[str, Any]) -> dict[str, Any]:
    """The report with `rule#fact` in place of the rule of every result with a fact."""
    for run in report["runs"]:
        for result in run["results"]:
            fact = result.get("properties", {}).get("fact")
            if fact:
                result["ruleId"] += f"#{fact}"
                result.pop("ruleIndex", None)
    return report


if __name__ == "__main__":
    json.dump(by_fact(json.load(sys.stdin)), sys.stdout)
