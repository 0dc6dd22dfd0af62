"""The pages under docs/rules are those that the rules' own folders give."""

from __future__ import annotations

from pathlib import Path

from mlsec_lint.commands.judging import builtin_policies
from mlsec_lint.rules.page import page
from mlsec_lint.rules.read import read_policies

PAGES = Path(__file__).parent.parent / "docs" / "rules"


def test_no_page_is_stale() -> None:
    """`mlsec-lint explain --write docs/rules` makes them anew."""
    policies, errors = read_policies([builtin_policies()])
    wanted = {f"{rule.id}.md": page(rule) for rule in policies.rules}
    found = {p.name: p.read_text(encoding="utf-8") for p in PAGES.glob("*.md")}

    assert errors == []
    assert found == wanted
