"""What an absent Terraform attribute means: data, by provider major version.

The table is policies/data/provider_defaults.csv; its date is in every default's words.
Where the default changed between majors and config does not say which major is used,
the default itself is not known.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import tables
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.terraform.resource import ProviderUse

#: Majors thought of when a constraint has no upper end: newest known ones, 2026-11.
_NEWEST = {"aws": 6, "azurerm": 5, "google": 8, "google-beta": 8}

_CONSTRAINT = regex(r"\s*(=|!=|>=|<=|~>|>|<)?\s*v?(\d+)((?:\.\d+)*)")


class Default(NamedTuple):
    """A default as text ("true", "provider", ...) or Unknown, and whose word it is."""

    value: str | Unknown
    words: str


@cache
def _rows() -> dict[tuple[str, str], tuple[dict[str, str], ...]]:
    found: dict[tuple[str, str], tuple[dict[str, str], ...]] = {}
    for row in tables.rows("provider_defaults.csv"):
        key = (row["resource"], row["attribute"])
        found[key] = (*found.get(key, ()), row)
    return found


def default_of(resource: str, attribute: str, provider: ProviderUse) -> Default:
    """The documented default of an attribute. KeyError for one not in the table."""
    rows = _rows()[resource, attribute]
    majors = possible_majors(provider)
    fitting = [row for row in rows if any(_covers(row, major) for major in majors)]
    values = dict.fromkeys(row["value"] for row in fitting)
    date = tables.edition("provider_defaults.csv").as_of
    if len(values) == 1:
        row = fitting[0]
        return Default(row["value"], f"{row['words']} (as of {date})")
    words = "; ".join(row["words"] for row in fitting or rows)
    why = f"the default depends on the version of the {provider.name} provider"
    possible = tuple(Value(_typed(row["value"])) for row in fitting or rows)
    settle = f"required_providers.{provider.name}.version"
    unknown = Unknown("environment", why, settle, possible=possible)
    return Default(unknown, f"{words} (as of {date})")


def _typed(text: str) -> str | bool:
    return {"true": True, "false": False}.get(text, text)


def _covers(row: dict[str, str], major: int) -> bool:
    since, before = row["since"], row["before"]
    return (not since or major >= int(since)) and (not before or major < int(before))


def possible_majors(provider: ProviderUse) -> tuple[int, ...]:
    """Major versions that lock file and constraint allow, oldest first.

    A locked version is certain. Without either, every major up to the newest known.
    """
    newest = _NEWEST.get(provider.name, 1)
    return majors_of(provider.version, provider.locked, newest)


def majors_of(version: str, locked: str, newest: int) -> tuple[int, ...]:
    """Major versions that a constraint allows, oldest first; those up to `newest`."""
    match = _CONSTRAINT.match(locked)
    if match is not None:
        return (int(match[2]),)
    everything = tuple(range(min(1, newest), newest + 1))
    allowed = set(everything)
    for part in version.split(",")[:16]:
        match = _CONSTRAINT.match(part)
        if match is None or len(match[2]) > 4:
            continue
        allowed |= {int(match[2])} if not version.count(",") else set()
        allowed &= _majors(match[1] or "=", int(match[2]), match[3], max(allowed) + 1)
        if not allowed:
            return everything
    return tuple(sorted(allowed))


def _majors(operator: str, major: int, minor: str, top: int) -> set[int]:
    whole = not minor.strip(".0")
    match operator:
        case "=":
            return {major}
        case "~>":
            return {major} if minor else set(range(major, max(top, major + 1)))
        case ">=" | ">":
            return set(range(major, max(top, major + 1)))
        case "<":
            return set(range(major if whole else major + 1))
        case "<=":
            return set(range(major + 1))
        case _:
            return set(range(top))
