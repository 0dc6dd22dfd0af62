"""Statements of AWS policies as plain clauses: text with holes, and where they stand.

A clause is made once per statement and compared with many requests. Those of the JSON
of a policy (a table of managed policies, a test) have no span.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlsec_lint.lower.aws.grants.conditions import Test
from mlsec_lint.lower.aws.grants.match import (
    HOLE_KEY,
    NO,
    action_covers,
    text_with_holes,
)
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mlsec_lint.lower.aws.policy import Condition, Policy, Statement
    from mlsec_lint.source import Span
    from mlsec_lint.value import Step, Value

    Text = Callable[[Value], str]


@dataclass(slots=True, eq=False)
class Clause:
    """One statement.

    * `effect`: "Allow", "Deny", or "" where that is not known;
    * `actions`, `resources`: patterns with holes, and those left out (`not_...`);
    * `principals`: pairs of kind and name; `*` for both where everyone is named;
    * `doubt`: why the statement, or all of its policy, cannot be read; what is known of
      it is not looked at then;
    * `places`: where each action stands, in the order of `actions`; `wheres` the same
      of `resources`; `whom` is where the principals stand;
    * `name`: its Sid, or the name of a managed policy.
    """

    effect: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: tuple[tuple[str, str], ...] = ()
    not_principals: tuple[tuple[str, str], ...] = ()
    conditions: tuple[Test, ...] = ()
    doubt: str = ""
    name: str = ""
    span: Span | None = None
    places: tuple[Span, ...] = ()
    wheres: tuple[Span, ...] = ()
    whom: Span | None = None
    trail: tuple[Step, ...] = ()
    managed: bool = False
    unsure: str = field(default="")

    def place(self, action: str) -> Span | None:
        """Where the clause names what covers an action."""
        for pattern, place in zip(self.actions, self.places, strict=False):
            if action_covers(pattern, action) is not NO:
                return place
        return self.places[0] if self.places else self.span

    @property
    def words(self) -> str:
        """How a message calls it."""
        if self.managed:
            return f"the policy {self.name}"
        return f"statement {self.name}" if self.name else "a statement"


def clauses_of(policy: Policy, text: Text, unsure: str = "") -> tuple[Clause, ...]:
    """The clauses of a policy that was read. `text` gives values as text with holes.

    `unsure` says why the policy may not be there at all (an unknown count). A policy
    that cannot be read is one clause of doubt.
    """
    found = [_clause(statement, text, unsure) for statement in policy.statements]
    if policy.unknown is not None:
        found.append(Clause("", doubt=policy.unknown.why, unsure=unsure))
    return tuple(found)


def _clause(statement: Statement, text: Text, unsure: str) -> Clause:
    trail = statement.trail_of.trail if statement.trail_of is not None else ()
    if statement.unknown is not None:
        why = statement.unknown.why
        return Clause("", doubt=why, span=statement.span, trail=trail, unsure=unsure)
    effect = statement.effect

    def texts(values: Iterable[Value]) -> tuple[str, ...]:
        return tuple(text(value) for value in values)

    listed = statement.actions or statement.not_actions
    return Clause(
        effect if effect in ("Allow", "Deny") and isinstance(effect, str) else "",
        texts(statement.actions),
        texts(statement.not_actions),
        texts(statement.resources),
        texts(statement.not_resources),
        tuple((k, text(v)) for k, v in statement.principals),
        tuple((k, text(v)) for k, v in statement.not_principals),
        tuple(_test(one, text) for one in statement.conditions),
        name=statement.sid,
        span=statement.place_of(None),
        places=tuple(statement.place_of(action) for action in listed),
        wheres=tuple(v.entry() or statement.span for v in statement.resources),
        whom=statement.span,
        trail=trail,
        unsure=unsure,
    )


def _test(condition: Condition, text: Text) -> Test:
    values = condition.values
    key = condition.key
    if not key and condition.name is not None:
        key, values = text_with_holes(condition.name), condition.given
    if not key:
        unknown = values[0].unknown if values else None
        why = unknown.why if unknown is not None else "a condition is not known"
        return Test("", "", (), why)
    texts = tuple(text(value) for value in values)
    return Test(condition.operator, key, texts, span=condition.place())


def clauses_of_json(
    document: Mapping[str, Any], name: str = "", *, own: Iterable[str] = ()
) -> tuple[Clause, ...]:
    """The clauses of a policy as JSON has it; text may hold holes."""
    own = tuple(own)
    listed = document.get("Statement", ())
    items = [listed] if isinstance(listed, dict) else listed
    return tuple(clause_of_json(item, name, own) for item in items)


def clause_of_json(
    item: Mapping[str, Any], name: str = "", own: tuple[str, ...] = ()
) -> Clause:
    """One statement as JSON has it. `Effect` is Allow where it is left out."""
    tests = [
        Test(operator, key, _texts(values, own))
        for operator, keys in item.get("Condition", {}).items()
        for key, values in keys.items()
    ]
    return Clause(
        item.get("Effect", "Allow"),
        _texts(item.get("Action"), own),
        _texts(item.get("NotAction"), own),
        _texts(item.get("Resource"), own),
        _texts(item.get("NotResource"), own),
        _whom(item.get("Principal"), own),
        _whom(item.get("NotPrincipal"), own),
        tuple(tests),
        name=name or str(item.get("Sid", "")),
        managed=bool(name),
    )


def _texts(value: Any, own: tuple[str, ...]) -> tuple[str, ...]:
    if value is None:
        return ()
    listed = value if isinstance(value, list | tuple) else [value]
    return tuple(_plain(one, own) for one in listed)


def _plain(one: Any, own: tuple[str, ...]) -> str:
    if isinstance(one, Unknown):
        return text_with_holes(one, own)
    if isinstance(one, bool):
        return "true" if one else "false"
    text = str(one)
    return text if HOLE_KEY in text else text_with_holes(text, own)


def _whom(value: Any, own: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    if isinstance(value, dict):
        return tuple((kind, t) for kind, v in value.items() for t in _texts(v, own))
    return tuple(("*", text) for text in _texts(value, own))


def doubtful(why: str, span: Span | None = None, name: str = "") -> Clause:
    """A clause of which nothing is known: it may allow anything, or deny it."""
    return Clause("", doubt=why, span=span, name=name)
