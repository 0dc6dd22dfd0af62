"""Texts with unknown parts, compared: certainly the same, certainly not, or unknown.

An unknown part is written as its label between two `HOLE`s. Two parts of one label come
from one reference of one root; a part without a label is like no other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from mlsec_lint.lower.aws.arns import HOLE
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.value import Symbol, Value

#: Between the root and the reference in a label; no config can hold it.
_OF = "\1"
_PART = regex(f"{HOLE}(?:[^{HOLE}{_OF}]*{_OF})?([^{HOLE}]*){HOLE}")
_NAMELESS = f"{HOLE}{HOLE}"
#: Attributes by which one project is named: they mean the same project.
_PROJECT = regex(
    r"((?:[^\x01]*\x01)?(?:data\.)?google_(?:project|client_config)\.[\w-]+(?:\[[^\]]*\])?)"
    r"\.(?:id|project|project_id|number|name)$"
)


def told(here: RootIndex, value: Value | None) -> str:
    """The canonical text of a value in a root; "" where there is none."""
    return canonical(here.text_of(value), here.prefix)


def canonical(text: str | Unknown | None, root: str) -> str:
    """A text with its unknown parts labelled; "" where there is none."""
    if not isinstance(text, Unknown):
        return text or ""
    parts = text.parts or (text,)
    return "".join(p if isinstance(p, str) else _hole(p, root) for p in parts)


def _hole(part: Unknown, root: str) -> str:
    label = label_of(part.symbol) if part.symbol is not None else part.name
    return hole(label, root) if label else _NAMELESS


def hole(label: str, root: str) -> str:
    """The canonical text of an unknown part of that label."""
    return f"{HOLE}{_quoted(root)}{_OF}{_quoted(label)}{HOLE}"


def _quoted(text: str) -> str:
    """Without the marks by which names are taken apart: slashes, colons, `@`."""
    return quote(text, safe='._-[]"')


def label_of(symbol: Symbol) -> str:
    """A reference as it is written."""
    steps = "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}"
        for step in symbol.path
        if step is not None
    )
    return f"{symbol.address}{steps}"


def shown(text: str) -> str:
    """A canonical text for people: unknown parts as `${...}`."""
    return _PART.sub(lambda match: f"${{{unquote(match[1]) or 'unknown'}}}", text)


def whole(text: str) -> bool:
    """Whether nothing of a canonical text is unknown."""
    return HOLE not in text


def same(one: str, other: str) -> bool | None:
    """Whether two canonical texts are one; None where nobody can tell."""
    if whole(one) and whole(other):
        return one == other
    if one == other and _NAMELESS not in one:
        return True
    return None if _may_agree(one, other) else False


def begins(text: str, start: str) -> bool | None:
    """Whether a canonical text begins with another one; None where nobody can tell."""
    if text.startswith(start) and _NAMELESS not in start:
        return True
    if whole(text) and whole(start):
        return False
    one, other = text.partition(HOLE)[0], start.partition(HOLE)[0]
    shorter = min(len(one), len(other))
    return None if one[:shorter] == other[:shorter] else False


def _may_agree(one: str, other: str) -> bool:
    """Whether the known beginnings and ends do not contradict each other."""
    start, also = one.partition(HOLE)[0], other.partition(HOLE)[0]
    shorter = min(len(start), len(also))
    if start[:shorter] != also[:shorter]:
        return False
    end, last = one.rpartition(HOLE)[2], other.rpartition(HOLE)[2]
    shorter = min(len(end), len(last))
    return not shorter or end[-shorter:] == last[-shorter:]


def project_name(text: str) -> str:
    """A project by its name: `projects/p` is `p`, one reference is one project."""
    name = text.removeprefix("projects/")
    label = re.fullmatch(f"{HOLE}([^{HOLE}]*){HOLE}", name)
    found = _PROJECT.fullmatch(label[1]) if label is not None else None
    return f"{HOLE}{found[1]}{HOLE}" if found is not None else name
