"""The whole rules floor in one call: judge, accept, and count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.finding import RuleInfo
from mlsec_lint.rules.ignore import Excuses, Ignores
from mlsec_lint.rules.judge import judge

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from mlsec_lint.estate import Estate
    from mlsec_lint.finding import Finding, Suppression
    from mlsec_lint.rules.baseline import Baseline
    from mlsec_lint.rules.config import Config
    from mlsec_lint.rules.grammar import Policies, Rule
    from mlsec_lint.rules.ignore import History
    from mlsec_lint.rules.judge import Judgement
    from mlsec_lint.source import Note, Source


def decide(
    policies: Policies,
    baseline: Baseline,
    config: Config,
    estate: Estate,
    sources: Iterable[Source],
    today: date,
    past: History | None = None,
) -> tuple[Judgement, list[Note]]:
    """Findings, those accepted marked, with the counts; and notes about acceptances.

    `sources` are the texts in which inline ignores are looked for; `baseline` as it
    was read (the config's lists are put over it here). `past` gives texts as of a
    trusted commit: inline ignores that it does not have accept nothing.
    """
    excuses = Excuses(config, policies, today)
    ignores = Ignores(sources, policies, today, past)

    def excuse(finding: Finding) -> Suppression | None:
        by_config, inline = excuses(finding), ignores(finding)
        return by_config or inline

    judgement = judge(policies, config.over(baseline), estate, excuse=excuse)
    active = set(judgement.counts)
    return judgement, [*excuses.notes(active), *ignores.notes(active)]


def rule_info(rule: Rule, baseline: Baseline) -> RuleInfo:
    """What reports say about a rule, with the severity that the baseline gives it."""
    return RuleInfo(
        id=rule.id,
        title=rule.title,
        level=rule.level,
        severity=baseline.severity.get(rule.id, rule.severity),
        area=rule.area,
        why=rule.why,
        fix=rule.fix,
        references=rule.references,
        confidence=rule.confidence,
    )
