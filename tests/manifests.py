"""Estates from files given as text: what the lowering tests start from."""

from __future__ import annotations

import textwrap

from mlsec_lint.lower import lower
from mlsec_lint.scan import read
from mlsec_lint.value import Unknown


def estate_of(folder, **files):
    """Write files (`job__yaml="..."` is job.yaml, `a___b__sh` is a/b.sh), read and lower."""
    for name, text in files.items():
        path = folder / name.replace("___", "/").replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return lower(read(str(folder)).inputs)


def value(thing, fact):
    """The value of a fact; None where it is not stated, "?" where it is unknown."""
    found = thing.fact(fact)
    if found is None:
        return None
    return "?" if isinstance(found.value, Unknown) else found.value


def values(thing, *facts):
    return tuple(value(thing, fact) for fact in facts)


def only(estate, kind, **facts):
    """The single thing of a kind that has these facts (dots written as `__`)."""
    found = [
        thing
        for thing in estate.of(kind)
        if all(
            value(thing, k.replace("__", ".")) == wanted for k, wanted in facts.items()
        )
    ]
    assert len(found) == 1, [t.address for t in found]
    return found[0]


def targets(estate, thing, verb):
    return [edge.target.address for edge in estate.edges_from(thing, verb)]


def said(thing):
    """Strengths and words of the evidence that a thing holds weights."""
    return [(piece.strength, piece.words) for piece in thing.evidence]
