"""What a policy statement says about decryption: actions, principals, conditions.

Actions and condition keys are those of the AWS service authorization reference for KMS
(2026-11). A condition that is not known to be met by a whole account narrows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.reading import is_free_text
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.lower.aws.policy import Condition, Statement
    from mlsec_lint.value import Value

#: Actions by which one gets at plaintext: directly, or by handing the right on.
DECRYPTING = ("kms:decrypt", "kms:reencryptfrom", "kms:creategrant")
#: Condition keys that every identity of an account or organisation can meet.
_WIDE_KEYS = frozenset(
    {
        "kms:calleraccount",
        "kms:viaservice",
        "aws:principalaccount",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principaltype",
        "aws:securetransport",
        "aws:multifactorauthpresent",
        "aws:multifactorauthage",
        "aws:requestedregion",
        "aws:principalisawsservice",
    }
)
_WIDE_ARN = regex(r"\*|arn:[^:]{0,20}:iam::[^:]{0,20}:(?:\*|root|role/\*|user/\*)")
_ROOT = regex(r"arn:[^:]{0,20}:iam::(\d{12}):root")
_ACCOUNT = regex(r"\d{12}")
_EVERY_KEY = regex(r"\*|arn:[^:]{0,20}:kms:[^:]{0,40}:[^:]{0,40}:(?:\*|key/\*)")


def _matches(pattern: str, action: str) -> bool:
    """Whether an action pattern (`kms:De*`) means an action. Linear in the pattern."""
    reached = {0}
    for sign in pattern.lower():
        if sign == "*":
            reached = set(range(min(reached), len(action) + 1))
        else:
            reached = {
                at + 1
                for at in reached
                if at < len(action) and sign in ("?", action[at])
            }
        if not reached:
            return False
    return len(action) in reached


def decrypts(statement: Statement) -> bool | Unknown:
    """Whether a statement is about an action that leads to plaintext."""
    if statement.not_actions:
        known = [a.text() for a in statement.not_actions]
        if any(isinstance(a, Unknown) for a in known):
            return next(a for a in known if isinstance(a, Unknown))
        excluded = [a for a in known if isinstance(a, str)]
        return any(
            not any(_matches(pattern, action) for pattern in excluded)
            for action in DECRYPTING
        )
    unknown: Unknown | None = None
    for value in statement.actions:
        text = value.text()
        if isinstance(text, Unknown):
            unknown = text
        elif text is not None and any(_matches(text, a) for a in DECRYPTING):
            return True
    return unknown if unknown is not None else False


def narrowed(conditions: tuple[Condition, ...]) -> bool | Unknown:
    """Whether a condition keeps a statement from meaning a whole account."""
    unknown: Unknown | None = None
    for condition in conditions:
        if not condition.key:
            found = condition.values[0].unknown if condition.values else None
            wrong = Unknown("error", "this is not a condition")
            unknown = wrong if found is None else found
        elif condition.key.lower() == "aws:principalarn":
            if _particular(condition):
                return True
        elif condition.key.lower() not in _WIDE_KEYS:
            return True
    return unknown if unknown is not None else False


def _particular(condition: Condition) -> bool:
    """Whether a condition on the principal's ARN names some in particular."""
    if "not" in condition.operator.lower():
        return False
    texts = [value.text() for value in condition.values]
    return all(not isinstance(t, str) or not _WIDE_ARN.fullmatch(t) for t in texts)


def root_account(value: Value) -> str | Unknown | None:
    """The account whose root a principal is: its number, Unknown, or None for others."""
    text = value.text()
    if isinstance(text, str):
        match = _ROOT.fullmatch(text)
        if match is not None:
            return match[1]
        return text if _ACCOUNT.fullmatch(text) else None
    if isinstance(text, Unknown) and text.parts:
        last = text.parts[-1]
        if isinstance(last, str) and last.endswith(":root"):
            return text
    if isinstance(text, Unknown) and _is_account_id(text):
        return text
    return None


def _is_account_id(unknown: Unknown) -> bool:
    symbol = unknown.symbol
    return symbol is not None and symbol.path[-1:] == ("account_id",)


def _is_own(unknown: Unknown) -> bool:
    """Whether an unknown account is the caller's own: `data.aws_caller_identity`."""
    parts = (unknown, *(p for p in unknown.parts if isinstance(p, Unknown)))
    return any(
        part.symbol is not None
        and ".aws_caller_identity." in f".{part.symbol.address}."
        for part in parts
    )


def may_be_anybody(unknown: Unknown) -> bool:
    """Whether an unknown principal may be `*` or an account: no ARN's part, no resource."""
    if any(isinstance(part, str) and part for part in unknown.parts):
        return False
    return unknown.symbol is None or is_free_text(unknown.symbol.address)


def wide_principal(
    kind: str, value: Value, own: frozenset[str], *, admin: bool
) -> bool | Unknown:
    """Whether a principal is everyone, or the whole of an account other than the key's.

    The root of the key's own account is no wide principal: it delegates to IAM. Where
    nobody can tell whose account it is, that is unknown; a statement that gives an
    account all rights over the key (`admin`) is taken for its own.
    """
    text = value.text()
    if text == "*":
        return kind in {"*", "AWS"}
    if kind not in {"*", "AWS"}:
        return False
    account = root_account(value)
    if account is None and isinstance(text, Unknown) and may_be_anybody(text):
        return text._replace(possible=None, parts=())
    if account is None:
        return _WIDE_ARN.fullmatch(text) is not None if isinstance(text, str) else False
    if admin or (isinstance(account, Unknown) and _is_own(account)):
        return False
    if isinstance(account, str) and own:
        return account not in own
    if isinstance(account, str):
        return False  # the only account that the policy names
    why = "whether this is the root of the key's own account is not known"
    return account._replace(why=why, possible=None)


def decrypts_everything(statement: Statement) -> Value | None:
    """The action by which an IAM statement certainly allows decryption with every key."""
    if statement.unknown is not None or statement.effect != "Allow":
        return None
    if decrypts(statement) is not True or narrowed(statement.conditions) is not False:
        return None
    texts = [value.text() for value in statement.resources]
    if not any(isinstance(t, str) and _EVERY_KEY.fullmatch(t) for t in texts):
        return None
    return next(_decrypting(statement), None)


def _decrypting(statement: Statement) -> Iterator[Value]:
    """The actions of a statement that lead to plaintext; all it leaves out, else."""
    for value in statement.actions:
        text = value.text()
        if isinstance(text, str) and any(_matches(text, a) for a in DECRYPTING):
            yield value
    yield from statement.not_actions


def attests(statement: Statement) -> bool | Unknown:
    """Whether an Allow asks for an attestation document; unknown where its effect is."""
    if statement.effect == "Deny" or decrypts(statement) is False:
        return False
    for condition in statement.conditions:
        if condition.key.lower().startswith("kms:recipientattestation:"):
            effect = statement.effect
            if isinstance(effect, Unknown):
                return effect._replace(possible=None, parts=())
            return True
    return False
