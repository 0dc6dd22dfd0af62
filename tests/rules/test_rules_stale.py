"""Findings that rest on old tables are said to."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from mlsec_lint.estate import tables
from mlsec_lint.rules.baseline import read_baseline
from mlsec_lint.rules.config import config_of
from mlsec_lint.rules.grammar import Policies
from mlsec_lint.rules.read import read_policies
from mlsec_lint.rules.stale import STALE
from mlsec_lint.scan import scan

TEXT = """
provider "aws" {
  region = "cn-north-1"
}
resource "aws_s3_bucket" "w" {
  bucket = "w"
  tags = {
    "mlsec/holds" = "weights"
  }
}
"""


def notes_of(folder, text, day, rules=("region-deny-list", "weights-customer-key")):
    (folder / "main.tf").write_text(text, encoding="utf-8")
    root = tables.folder().parent
    policies, _ = read_policies([root])
    baseline, _ = read_baseline("SL2", [root])
    config, _ = config_of(folder)
    kept = tuple(rule for rule in policies.rules if rule.id in rules)
    result = scan(
        str(folder),
        config=config,
        baseline=baseline,
        policies=Policies(kept),
        today=day,
    )
    assert {f.rule for f in result.findings} >= set(rules)
    return [note for note in result.notes if note.kind == STALE]


def last_day(name):
    edition = tables.edition(name)
    return date.fromisoformat(edition.as_of) + timedelta(edition.max_age_days)


@pytest.mark.parametrize(
    "name", ["regions.csv", "groups.json", "jurisdictions.csv", "provider_defaults.csv"]
)
def test_a_table_is_old_the_day_after_its_last(tmp_path, name):
    day = last_day(name)

    before = [note.text for note in notes_of(tmp_path, TEXT, day)]
    after = notes_of(tmp_path, TEXT, day + timedelta(1))

    assert not any(f"The table {name} " in text for text in before)
    (note,) = (note for note in after if f"The table {name} " in note.text)
    assert tables.edition(name).as_of in note.text
    assert not note.incomplete


def test_a_table_that_no_finding_rests_on_is_not_mentioned(tmp_path):
    far = date(2100, 1, 1)

    found = notes_of(tmp_path, TEXT, far, rules=("weights-customer-key",))

    assert [note.text.split()[2] for note in found] == ["provider_defaults.csv"]


def test_nothing_is_old_today(tmp_path):
    newest = min(tables.edition(n).as_of for n in ("regions.csv", "groups.json"))

    assert notes_of(tmp_path, TEXT, date.fromisoformat(newest)) == []
