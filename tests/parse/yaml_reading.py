"""What the tests of the YAML reader share: texts to documents, Values to plain data."""

from __future__ import annotations

from mlsec_lint.parse.yaml import documents
from mlsec_lint.source import Source
from mlsec_lint.value import Unknown


def read(text, path="x.yaml"):
    return documents(Source(path, text))


def one(text, path="x.yaml"):
    """The value of the only document of a text that reads without a note."""
    found, notes = read(text, path)
    assert notes == []
    assert len(found) == 1
    return found[0].value


def plain(value):
    """Data without spans; an Unknown as ("unknown", its name)."""
    data = value.data
    if isinstance(data, Unknown):
        return ("unknown", data.name)
    if isinstance(data, dict):
        return {name: plain(child) for name, child in data.items()}
    if isinstance(data, tuple):
        return [plain(child) for child in data]
    return data


def every(value):
    """A value and all values inside it, each once."""
    seen = set()
    stack = [value]
    while stack:
        here = stack.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        yield here
        stack.extend(child for _, child in here.items())
        stack.extend(here.elements())
