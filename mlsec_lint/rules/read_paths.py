"""`find path` of a rule file, read strictly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate.walks import SINKS, WAYS
from mlsec_lint.rules import grammar
from mlsec_lint.rules.strict import is_list

if TYPE_CHECKING:
    from collections.abc import Collection

    from yaml.nodes import Node

    from mlsec_lint.rules.strict import Strict

#: What a message may name beside the store: the sink, and the last thing before it.
ENDS = ("sink", "last")
#: What paths can start at.
_FROM = {"weight store": ("store", True)}


def read_find(strict: Strict, node: Node | None) -> grammar.Find | None:
    """The paths that a rule is about; None for a rule about things, or after an error."""
    if node is None:
        return None
    found = strict.mapping(node, "`find path`", ("from", "to", "by"), ("from", "to"))
    if "from" not in found or "to" not in found:
        return None
    start = strict.word(found["from"], "`from`", tuple(_FROM))
    sinks, name = _read_sinks(strict, found["to"])
    if not start or not sinks:
        return None
    by = _read_words(strict, found["by"], "`by`", WAYS) if "by" in found else ()
    return grammar.Find(*_FROM[start], sinks, name, by)


def _read_sinks(
    strict: Strict, node: Node
) -> tuple[tuple[str, ...], grammar.Test | None]:
    found = strict.mapping(node, "`to`", ("sink", "inside", "outside"), ("sink",))
    if "sink" not in found:
        return (), None
    sinks = _read_words(strict, found["sink"], "`sink`", SINKS)
    tests = [key for key in ("inside", "outside") if key in found]
    if not tests:
        return sinks, None
    if sinks and not any(SINKS[sink].named for sink in sinks):
        strict.error(found[tests[0]], f"the sink {sinks[0]!r} has no name to test")
    if len(tests) > 1:
        strict.error(found[tests[1]], "`inside` or `outside`, not both")
    members = _members(strict, found[tests[0]], tests[0])
    make = grammar.Inside if tests[0] == "inside" else grammar.Outside
    return sinks, make(members)


def _members(strict: Strict, node: Node, what: str) -> str | tuple[str, ...]:
    if is_list(node):
        return strict.texts(node, f"`{what}`")
    return strict.text(node, f"`{what}`")


def _read_words(
    strict: Strict, node: Node, what: str, known: Collection[str]
) -> tuple[str, ...]:
    """Some of the known words, each once: a list of them, or a single one."""
    items = node.value if is_list(node) else [node]
    found: list[str] = []
    for item in items:
        text = strict.word(item, what, known)
        if text and text in found:
            strict.error(item, f"{text!r} is named twice")
        elif text:
            found.append(text)
    if not items:
        strict.error(node, f"{what} is empty")
    return tuple(found)
