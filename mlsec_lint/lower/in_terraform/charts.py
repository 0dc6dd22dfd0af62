"""Charts that Terraform installs from elsewhere: which they are, and that they are unread.

Known ones are rows of policies/data/charts.json. What a chart makes of its values is in
its templates, which a scan does not have; so each is counted as not analysed.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from mlsec_lint.estate.tables import document
from mlsec_lint.lower.in_terraform.releases import Stated, stated_releases
from mlsec_lint.source import Note

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.inputs import Inputs


def lower_charts(inputs: Inputs, estate: Estate) -> None:
    """Count the releases of a scan: rendered ones, known ones, and those of others."""
    for stated in stated_releases(inputs):
        recognised = inputs.recognised
        recognised["helm_release"] = recognised.get("helm_release", 0) + 1
        if stated.folder:
            continue
        row = chart_row(stated)
        name = chart_name(stated) or "whose name is not known"
        words = f"helm chart {name}"
        if row is not None:
            words = f"{words} ({row['is']})"
        inputs.not_analysed[words] = inputs.not_analysed.get(words, 0) + 1
        estate.note([_unread(stated, name)])


def chart_name(stated: Stated) -> str:
    """The chart's own name, without repository or registry in front."""
    return stated.chart.rstrip("/").rpartition("/")[2]


def chart_row(stated: Stated) -> dict[str, Any] | None:
    """What is known of the chart; None for a name in another repository."""
    name = chart_name(stated)
    where = stated.repository or stated.chart
    where = where.partition("://")[2].rstrip("/")
    for row in _rows():
        if row["chart"] == name and any(
            where == known or where.startswith(f"{known}/")
            for known in row["repositories"]
        ):
            return row
    return None


@cache
def _rows() -> tuple[dict[str, Any], ...]:
    return tuple(document("charts.json")["rows"])


def _unread(stated: Stated, name: str) -> Note:
    where = stated.repository or "elsewhere"
    text = f"the chart {name} of {where[:200]} is not read"
    span = stated.resource.span
    return Note("module-not-read", text, span.path, span, strict_only=True)
