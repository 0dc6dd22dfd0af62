"""Which place a host name or an ARN stands for, by the labels in it.

A host beats a `region` argument beside it: S3-compatible stores are named by endpoint,
and the same region id means different countries at different providers. A host without
a region label (`s3.amazonaws.com`, `*.blob.core.windows.net`) is no place.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from mlsec_lint.estate import tables
from mlsec_lint.estate.places import Place, place_of

_MOST_LABELS = 12
#: What stands before a region in one label: `s3-us-west-2`, `oss-cn-hangzhou`.
_BEFORE = ("s3-website-", "s3-fips-", "s3-", "oss-", "cos-", "obs-", "fips-", "ec2-")


class HostPlace(NamedTuple):
    """Whose endpoint a host is, and where: `place` is None where no label tells.

    `countries` are told by the suffix alone (`*.chinacloudapi.cn`), else those of the
    place; empty where nobody can tell.
    """

    provider: str
    place: Place | None
    countries: tuple[str, ...]


@cache
def _suffixes() -> dict[str, dict[str, str]]:
    return {row["suffix"]: row for row in tables.rows("hosts.csv")}


@cache
def place_of_host(host: str) -> HostPlace | None:
    """The place of a host name (a port or a scheme may be there), or None.

    None means that no provider of the table is known by this name.
    """
    labels = _labels(host)
    for number in range(len(labels)):
        row = _suffixes().get(".".join(labels[number:]))
        if row is not None:
            return _read(row, labels[:number])
    return None


def _labels(host: str) -> list[str]:
    name = host.strip().lower().partition("://")[2] or host.strip().lower()
    name = name.partition("/")[0].rpartition("@")[2].partition(":")[0]
    labels = name.strip(".").split(".")
    return labels if len(labels) <= _MOST_LABELS and len(name) <= 253 else []


def _read(row: dict[str, str], labels: list[str]) -> HostPlace:
    provider = row["provider"]
    place = None
    for label in reversed(labels):
        place = _in_label(provider, label)
        if place is not None:
            break
    if place is None and row["default"]:
        place = place_of(provider, row["default"])
    told = tuple(row["countries"].split(";")) if row["countries"] else ()
    return HostPlace(provider, place, place.countries if place is not None else told)


def _in_label(provider: str, label: str) -> Place | None:
    """The region in a label: all of it, after a service's name, or before one."""
    candidates = [label]
    candidates += [label.removeprefix(b) for b in _BEFORE if label.startswith(b)]
    if provider in {"gcp", "alibaba", "azure"}:
        pieces = label.split("-")
        candidates += ["-".join(pieces[:n]) for n in range(len(pieces) - 1, 0, -1)]
    for candidate in candidates:
        place = place_of(provider, candidate)
        if place is not None and (candidate != "" and not place.anywhere):
            return place
    return None


def place_of_arn(arn: str) -> Place | None:
    """The place of an ARN's region field; None where it has none (S3, IAM)."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or not parts[3]:
        return None
    return place_of("aws", parts[3])
