"""Charts that Terraform installs from elsewhere: which they are, and what they are given.

Known ones are rows of policies/data/charts.json. What a chart makes of its values is in
its templates, which a scan does not have; so each is counted as not analysed. Where a
row says which values decide who reaches the chart's front, or where it keeps artifacts,
that is stated.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from mlsec_lint.estate import Thing
from mlsec_lint.estate.tables import document
from mlsec_lint.kubernetes.manifest import Manifest
from mlsec_lint.lower.in_terraform.artifact_stores import chart_artifacts
from mlsec_lint.lower.in_terraform.releases import Stated, stated_releases
from mlsec_lint.lower.kubernetes.exposure.reach import (
    CLUSTER,
    INTERNET,
    NETWORK,
    Reach,
    either_way,
    service_reach,
)
from mlsec_lint.lower.reading import given
from mlsec_lint.lower.secrets import secret_under, state_secret
from mlsec_lint.source import Note
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.estate import Estate
    from mlsec_lint.estate.selectors import Truth
    from mlsec_lint.lower.inputs import Inputs


_MAX_VALUES = 20_000


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
            if "service" in row:
                _front(stated, row, estate)
            chart_artifacts(stated, row.get("artifacts", []), estate)
        _secrets(stated, estate)
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


def row_of(name: str) -> dict[str, Any] | None:
    """What is known of a chart that a command calls `REPOSITORY/NAME`, by its name."""
    return next((row for row in _rows() if row["chart"] == name), None)


@cache
def _rows() -> tuple[dict[str, Any], ...]:
    return tuple(document("charts.json")["rows"])


def _secrets(stated: Stated, estate: Estate) -> None:
    """Credentials that are written in the values of a chart."""
    owner = stated.here.address(stated.resource)
    waiting: list[tuple[str, Value]] = [("", stated.values)]
    count = 0
    while waiting and count < _MAX_VALUES:
        name, value = waiting.pop()
        count += 1
        waiting.extend(value.items())
        waiting.extend((name, element) for element in value.elements())
        if not isinstance(value.data, str) or value.span is None:
            continue
        found = secret_under(name, value)
        if found is not None and found.plain is True:
            state_secret(estate, None, found, owner, name)


def _front(stated: Stated, row: dict[str, Any], estate: Estate) -> None:
    """The service before what a chart installs, as its values make it."""
    about = row["service"]
    resource = stated.resource
    address = stated.here.address(resource)
    made = Thing(
        "service",
        address,
        f"{row['is']} of {resource.address}",
        resource.span,
        provider="kubernetes",
        root=stated.here.root.path,
        library=resource.library,
    )
    thing = estate.add(made)
    if thing is not made:
        return
    reach = _reach(stated, row)
    thing.state("exposure", reach.where, reach.span, default=reach.default)
    asked = _login(stated, about)
    thing.state("authenticated", asked, reach.span)
    thing.state("surface", about["surface"], reach.span)
    thing.state("surface.name", about["name"], reach.span)
    anonymous: str | Unknown = reach.where
    if asked is True:
        anonymous = "nobody"
    elif isinstance(asked, Unknown) and reach.where not in (CLUSTER, NETWORK):
        anonymous = asked
    thing.state("anonymous.from", anonymous, reach.span, default=reach.default)


def _reach(stated: Stated, row: dict[str, Any]) -> Reach:
    """From where the chart's Service answers: its type by the values, else the default."""
    about = row["service"]
    resource = stated.resource
    kind = _value(stated.values, about["type"])
    default = f"{row['chart']}: {about['default']} unless {about['type']} is set"
    unread = stated.values.unknown
    if kind is None and unread is not None:
        return Reach(unread, resource.span)
    spec = {"type": kind or Value(about["default"], resource.span)}
    ranges = _value(stated.values, about["ranges"])
    if ranges is not None:
        spec["loadBalancerSourceRanges"] = ranges
    metadata: dict[str, Value] = {}
    annotations = _value(stated.values, about["annotations"])
    if annotations is not None:
        metadata["annotations"] = annotations
    value = Value({"spec": Value(spec), "metadata": Value(metadata)}, resource.span)
    manifest = Manifest(value, "Service", "v1", row["chart"], "", resource.span)
    reach = service_reach(manifest)
    if reach.where == INTERNET and not about["annotations"]:
        why = "whether annotations make the balancer internal is not known"
        reach = reach._replace(where=either_way(why, reach.span))
    return reach if kind is not None else Reach(reach.where, resource.span, default)


def _login(stated: Stated, about: dict[str, Any]) -> Truth:
    """Whether any of the values that switch a login on does."""
    found: Truth = False
    if "login_unset" in about:
        found = Unknown("unsupported", about["login_unset"], span=stated.resource.span)
    for path in about["login"]:
        value = _value(stated.values, path)
        if value is None:
            continue
        if isinstance(value.data, Unknown):
            found = value.data
            continue
        text = value.text()
        off = ("false", "", *about.get("no_login", ()))
        on = (
            text.lower() not in off if isinstance(text, str) else value.data is not None
        )
        if on:
            return True
        found = False
    return found


def _value(values: Value, path: str) -> Value | None:
    return given(values, *path.split(".")) if path else None


def _unread(stated: Stated, name: str) -> Note:
    where = stated.repository or "elsewhere"
    text = f"the chart {name} of {where[:200]} is not read"
    span = stated.resource.span
    return Note("module-not-read", text, span.path, span, strict_only=True)
