"""Signed links: URLs in config that open an object to whoever has them, and for how long.

Read are links themselves (Amazon S3, Cloud Storage, Azure), commands and calls that make
them, in scripts, arguments and environments, and data sources of Terraform. A link whose
signature is a placeholder is none.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.patterns import regex
from mlsec_lint.source import Span
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.estate import Estate, Thing
    from mlsec_lint.value import Value

_LONGEST = 500_000
_SIGNED = regex(
    r"X-(?:Amz|Goog)-Signature=[0-9A-Fa-f]{32,}|[?&]sig=[A-Za-z0-9%+/]{20,}",
)
_URL = regex(r"https?://[^\s\"'<>`\\]{10,4000}")
_SECONDS = regex(r"X-(?:Amz|Goog)-Expires=(\d{1,9})")
_DATES = {"st": re.compile(r"[?&]st=([0-9TZ:%A-Fa-f-]{10,30})"),
          "se": re.compile(r"[?&]se=([0-9TZ:%A-Fa-f-]{10,30})")}  # fmt: skip
#: Commands that make links: the flag for how long, seconds of its unit, the default in
#: seconds (AWS CLI 2.31, gcloud 540, gsutil 5.35, documentation of 2026-11).
_COMMANDS = (
    (re.compile(r"\baws\s+s3\s+presign\b"), r"--expires-in[ =]+(\S+)", 3600),
    (re.compile(r"\bgcloud\s+(?:alpha\s+|beta\s+)?storage\s+sign-url\b"),
     r"--duration[ =]+(\S+)", 3600),
    (re.compile(r"\bgsutil\s+signurl\b"), r"-d\s+(\S+)", 3600),
)  # fmt: skip
#: Calls of Python that make links: the argument for how long, the default in seconds
#: (boto3 1.40, google-cloud-storage 3.4, 2026-11).
_CALLS = (
    (re.compile(r"\bgenerate_presigned_(?:url|post)\s*\("), "ExpiresIn", 3600),
    (re.compile(r"\bgenerate_signed_url\s*\("), "expiration", 0),
)
_DELTA = regex(r"(?:datetime\.)?timedelta\(\s*(\w+)\s*=\s*(\d{1,9})\s*\)")
_DURATION = regex(r"(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9})s?)?")
_UNITS = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1, "weeks": 604800}


class Link(NamedTuple):
    """A link, or what makes one: how long it is good (hours, rounded up), and where."""

    hours: int | Unknown | None
    embedded: bool
    span: Span


def state_links(estate: Estate, holder: Thing | None, value: Value) -> None:
    """State the links in a text on the workload that holds it."""
    if holder is None:
        return
    for link in links_in(value):
        thing = holder
        for verb in ("runs", "has"):
            ups = estate.edges_to(thing, verb)
            thing = ups[0].source if ups and thing.kind != "workload" else thing
        if thing.kind != "workload":
            continue
        if link.embedded:
            thing.also("link.embedded", value=True, span=link.span)
        elif link.hours is not None:
            thing.also("link.hours", link.hours, link.span)


def links_in(value: Value) -> Iterator[Link]:
    """Every link, and every command or call that makes one, in a text."""
    text, span = value.data, value.span
    if not isinstance(text, str) or span is None or len(text) > _LONGEST:
        return
    if "ig" not in text and "presign" not in text:
        return
    for match in _URL.finditer(text):
        if _SIGNED.search(match[0]):
            where = _within(span, text, match.start(), match.end())
            yield Link(lifetime(match[0]), embedded=True, span=where)
    yield from _made(text, span)


def lifetime(url: str) -> int | None:
    """For how many hours a link says that it is good; None where it does not say."""
    seconds = _SECONDS.search(url)
    if seconds is not None:
        return hours_of(int(seconds[1]))
    start, end = (_DATES[name].search(url) for name in ("st", "se"))
    if start is not None and end is not None:
        return hours_between(start[1], end[1])
    return None


def hours_between(start: str, end: str) -> int | None:
    """Hours between two dates as signatures write them; None where these are none."""
    try:
        dates = [
            datetime.fromisoformat(text.replace("%3A", ":").replace("Z", "+00:00"))
            for text in (start, end)
        ]
        return hours_of(int((dates[1] - dates[0]).total_seconds()))
    except (ValueError, TypeError):
        return None


def hours_of(seconds: int) -> int:
    """Seconds as whole hours, rounded up."""
    return -(-seconds // 3600)


def _made(text: str, span: Span) -> Iterator[Link]:
    for pattern, flag, default in _COMMANDS:
        for match in pattern.finditer(text):
            line = _command(text, match.start())
            if line is None:
                continue
            given = re.search(flag, line[:2000])
            where = _within(span, text, match.start(), match.end())
            hours = _length(given[1], where) if given else hours_of(default)
            yield Link(hours, embedded=False, span=where)
    for pattern, name, default in _CALLS:
        for match in pattern.finditer(text):
            if _command(text, match.start()) is None:
                continue
            where = _within(span, text, match.start(), match.end())
            rest = text[match.end() : match.end() + 600]
            asked = _argument(rest, name, default, where)
            yield Link(asked, embedded=False, span=where)


def _command(text: str, at: int) -> str | None:
    """The rest of a command with its continued lines; None in a comment."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    if line.lstrip().startswith("#"):
        return None
    rest = text[at : at + 4000]
    end = re.search(r"(?<!\\)\n|;|&&|\|", rest)
    return rest[: end.start()] if end else rest


def _argument(rest: str, name: str, default: int, span: Span) -> int | Unknown | None:
    given = re.search(rf"\b{name}\s*=\s*([^,)\n]{{1,80}}\)?)", rest)
    if given is None:
        return hours_of(default) if default else None
    delta = _DELTA.match(given[1].strip())
    if delta is not None and delta[1] in _UNITS:
        return hours_of(int(delta[2]) * _UNITS[delta[1]])
    return _length(given[1].strip().rstrip(")"), span)


def _length(text: str, span: Span) -> int | Unknown:
    """A duration as hours: seconds, a product of numbers, `12h`, `7d`."""
    product = [part.strip() for part in text.strip("\"'").split("*")]
    if all(part.isdigit() and len(part) < 10 for part in product) and len(product) < 6:
        seconds = 1
        for part in product:
            seconds *= int(part)
        return hours_of(seconds)
    found = duration(text.strip("\"'"))
    why = f"how long {text[:40]} is is not known"
    return Unknown("environment", why, span=span) if found is None else found


def duration(text: str) -> int | None:
    """`168h0m0s`, `7d`, `90m` as hours, rounded up; None for other texts."""
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        return None
    parts = [int(part or 0) for part in match.groups()]
    sizes = (86400, 3600, 60, 1)
    return hours_of(sum(n * size for n, size in zip(parts, sizes, strict=True)))


def _within(span: Span, text: str, start: int, end: int) -> Span:
    """The span of a piece of a text, where the text stands as it is written."""
    at = span.source.text.find(text[start:end], span.start, span.end)
    return span if at < 0 else Span(span.source, at, at + end - start)
