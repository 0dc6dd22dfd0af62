"""Whether a policy is open to everyone: principals, and conditions that close them.

What counts as closing follows AWS, "The meaning of public" (Amazon S3 user guide,
Blocking public access, 2026-11): a fixed value of a key that only the account's or the
organisation's own requests can carry. A condition that a stranger's request can meet,
or that is skipped where the key is missing, closes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.estate import Fact
from mlsec_lint.lower.aws.policy import Condition, Statement, read_policy
from mlsec_lint.lower.reading import each_possible, is_somebody, settled, unknown_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.aws.policy import Policy
    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.source import Span
    from mlsec_lint.value import Value

#: Keys whose fixed value ties a request to known accounts, networks or resources.
CLOSING_KEYS = frozenset(
    {
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:userid",
        "aws:username",
        "aws:sourcevpce",
        "aws:sourcevpc",
        "aws:sourceaccount",
        "aws:sourceowner",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:vpcsourceip",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
        "kms:calleraccount",
        "elasticfilesystem:accesspointarn",
    }
)
#: EFS: only through a mount target, which no stranger's network has.
_BY_MOUNT_TARGET = ("bool", "elasticfilesystem:accessedviamounttarget")
_POSITIVE = (
    "stringequals",
    "stringequalsignorecase",
    "stringlike",
    "arnequals",
    "arnlike",
    "ipaddress",
)
_NEGATIVE = (
    "stringnotequals",
    "stringnotequalsignorecase",
    "stringnotlike",
    "arnnotequals",
    "arnnotlike",
    "notipaddress",
)


def public_readings(
    here: RootIndex, document: Value, fallback: Span, kinds: tuple[str, ...] = ("AWS",)
) -> Iterator[Fact]:
    """One reading per statement that is, or may be, open to everyone.

    None at all means that no statement is. `kinds` are the kinds of principals whose
    `*` means everyone.
    """
    policy = read_policy(here, document, fallback)
    if policy.unknown is not None:
        span = document.entry() or fallback
        yield Fact(policy.unknown, span, document.trail)
    for statement in policy.statements:
        value = _open_to_everyone(statement, policy, kinds)
        if value is not False:
            trail = statement.trail_of.trail if statement.trail_of is not None else ()
            yield Fact(value, statement.span, trail)


def _open_to_everyone(
    statement: Statement, policy: Policy, kinds: tuple[str, ...]
) -> bool | Unknown:
    if statement.unknown is not None:
        return statement.unknown
    if statement.effect == "Deny":
        return False
    named = _names_everyone(statement, kinds)
    if named is False:
        return False
    closed = _closed(statement.conditions)
    if closed is True or _denied_to_strangers(policy):
        return False
    for value in (statement.effect, closed):
        if isinstance(value, Unknown):
            return value._replace(possible=None)
    return named


def _names_everyone(statement: Statement, kinds: tuple[str, ...]) -> bool | Unknown:
    if statement.not_principals:
        return True
    unknown: Unknown | None = None
    for kind, value in statement.principals:
        if kind not in {"*", "?", *kinds}:
            continue  # a service or an identity provider is nobody's `*`
        found = _everyone(value.text(), kind)
        if found is True:
            return True
        if isinstance(found, Unknown) and unknown is None:
            unknown = found
    return unknown if unknown is not None else False


def is_everyone(principal: str) -> bool:
    """Whether a principal is `*`, or an ARN with any account in it."""
    parts = principal.split(":", 5)
    return principal == "*" or (parts[0] == "arn" and parts[4:5] == ["*"])


def _everyone(text: str | Unknown | None, kind: str) -> bool | Unknown:
    """Whether a principal is everyone; False for what is one in particular.

    That is a reference to a resource's attribute, a known part beside the unknown ones
    (an ARN pattern), or a choice between such.
    """
    if text is None:
        return False
    if isinstance(text, str):
        return is_everyone(text) and kind != "?"
    if is_somebody(text):
        return False
    unsure = each_possible(text, lambda option: _everyone(option.text(), kind))
    return False if settled(unsure) is False else unsure


def _closed(conditions: tuple[Condition, ...]) -> bool | Unknown:
    unknown: Unknown | None = None
    for condition in conditions:
        found = _closes(condition, _POSITIVE)
        if found is True:
            return True
        if isinstance(found, Unknown):
            unknown = found if unknown is None else unknown
    return unknown if unknown is not None else False


def _closes(condition: Condition, operators: tuple[str, ...]) -> bool | Unknown:
    """Whether a condition, by one of these operators, keeps strangers out."""
    if not condition.key:
        return unknown_of(condition.values[0], "this is not a condition")
    operator = condition.operator.lower().removeprefix("foranyvalue:")
    if (operator, condition.key.lower()) == _BY_MOUNT_TARGET:
        return condition.values[0].boolean() is True if condition.values else False
    if operator not in operators or condition.key.lower() not in CLOSING_KEYS:
        return False
    if not condition.values:
        return False
    unknown: Unknown | None = None
    for value in condition.values:
        found = _fixed(value)
        if found is False:
            return False
        if isinstance(found, Unknown):
            unknown = found if unknown is None else unknown
    return unknown if unknown is not None else True


def _fixed(value: Value) -> bool | Unknown:
    """Whether a condition's value names something in particular."""
    text = value.text()
    if text is None:
        return False
    if isinstance(text, Unknown):
        return True if text.symbol is not None or text.parts else text
    if text in {"0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1"}:
        return False
    if text.startswith("arn:"):
        account = text.split(":", 5)[4:5]
        return account not in ([""], ["*"]) and text.strip("*") != "arn:"
    return text.strip("*?") != ""


def _denied_to_strangers(policy: Policy) -> bool:
    """A Deny for everyone, on everything, unless a closing key has a fixed value."""
    for statement in policy.statements:
        if statement.effect != "Deny" or statement.unknown is not None:
            continue
        if _names_everyone(statement, ("AWS",)) is not True or statement.not_actions:
            continue
        if statement.not_principals or statement.not_resources:
            continue
        actions = [a.text() for a in statement.actions]
        everything = any(a in {"*", "s3:*", "kms:*", "ecr:*"} for a in actions)
        only = len(statement.conditions) == 1
        if everything and only and _closes(statement.conditions[0], _NEGATIVE) is True:
            return True
    return False
