"""The tables under policies/data: where they are, their rows and how old they are.

Knows no table's meaning. Read lazily and once; nothing here runs before somebody asks.
"""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple


class Edition(NamedTuple):
    """How old a table is: its date (ISO), and after how many days it is stale."""

    as_of: str
    max_age_days: int
    what: str


@cache
def folder() -> Path:
    """The folder of the tables: inside the installed package, else in the checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "policies" / "data"
    return (
        installed if installed.is_dir() else package.parent.joinpath("policies", "data")
    )


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """All rows of a CSV table, by column name, in the order of the file."""
    with folder().joinpath(name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def document(name: str) -> Any:
    """A JSON table as it stands."""
    return json.loads(folder().joinpath(name).read_text(encoding="utf-8"))


def edition(name: str) -> Edition:
    """The date of a table and how long it may be trusted. KeyError for another file."""
    entry = document("index.json")[name]
    return Edition(entry["as_of"], entry["max_age_days"], entry["what"])
