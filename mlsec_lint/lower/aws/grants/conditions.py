"""Conditions of AWS policy statements against what is known of a request.

After the IAM user guide, "IAM JSON policy elements: Condition operators" and "Conditions
with multiple context keys or values" (2026-11). A key of which nothing is known gives
MAYBE; a key that is certainly not in the request follows the rules for absent keys.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.lower.aws.grants.match import (
    MAYBE,
    NO,
    NUL,
    YES,
    Tri,
    both,
    covers,
    either,
    equals,
    opposite,
    with_variables,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mlsec_lint.source import Span

#: Keys that whoever makes the request chooses, or that follow from where they stand:
#: no policy takes the right away for good by them, and none gives it for certain.
REQUEST_KEYS = frozenset(
    {
        "aws:sourceip",
        "aws:vpcsourceip",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "aws:sourcevpcarn",
        "aws:currenttime",
        "aws:epochtime",
        "aws:multifactorauthpresent",
        "aws:multifactorauthage",
        "aws:referer",
        "aws:requestedregion",
        "aws:securetransport",
        "aws:tokenissuetime",
        "aws:useragent",
        "aws:viaawsservice",
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "aws:sourceidentity",
        "aws:tagkeys",
        "sts:externalid",
        "sts:rolesessionname",
        "sts:sourceidentity",
        "iam:passedtoservice",
        "kms:viaservice",
        "kms:grantisforawsresource",
    }
)
_REQUEST_STARTS = (
    "aws:requesttag/",
    "s3:",
    "kms:encryptioncontext",
    "ec2:sourceinstance",
)
#: Of the keys of S3 these follow from the object or the bucket, not from the request.
_OF_RESOURCE = ("s3:existingobjecttag/", "s3:resourceaccount", "s3:buckettag/")


class Test(NamedTuple):
    """One condition: operator and key as written, the values compared with (with holes).

    `doubt` says why the condition cannot be read; its operator and key are then "".
    `span` is where its first value stands.
    """

    operator: str
    key: str
    values: tuple[str, ...]
    doubt: str = ""
    span: Span | None = None


class Known(NamedTuple):
    """What is known of a request's keys, in lower case.

    `values`: the values that a key has, with holes; () for a key that is certainly not
    in the request. A key that is not among them may have any value, or none.
    """

    values: Mapping[str, tuple[str, ...]]

    def of(self, key: str) -> tuple[str, ...] | None:
        """The values of a key; None where nothing is known of it."""
        key = key.lower()
        if key in self.values:
            return self.values[key]
        name = key.rpartition(":")[2] if NUL in key else ""
        return self.values.get(f"*:{name}") if name else None


def free(test: Test) -> bool:
    """Whether the request decides on a condition, and not who asks or what is stored."""
    key = test.key.lower()
    if key.startswith(_OF_RESOURCE):
        return False
    return key in REQUEST_KEYS or key.startswith(_REQUEST_STARTS)


def holds(test: Test, known: Known) -> Tri:
    """Whether a condition is met by what is known of a request."""
    if test.doubt or not test.key:
        return MAYBE
    found = known.of(test.key)
    operator = test.operator.lower()
    if operator == "null":
        return _null(test, found)
    quantifier, _, rest = operator.rpartition(":")
    if_exists = rest.endswith("ifexists")
    rest = rest.removesuffix("ifexists")
    negated = rest in _NEGATED
    compare = _COMPARE.get(_NEGATED.get(rest, rest))
    if compare is None:
        return MAYBE
    if found == ():
        return _absent(quantifier, negated=negated, if_exists=if_exists)
    if found is None:
        return MAYBE
    values = tuple(_filled(value, known) for value in test.values)
    return _quantified(quantifier, compare, found, values, negated=negated)


def _filled(value: str, known: Known) -> str:
    """A policy's value with the variables of which one value is known."""
    if "${" not in value:
        return value
    for key, found in known.values.items():
        if len(found) == 1:
            for written in (f"${{{key}}}", f"${{{_cased(key)}}}"):
                value = value.replace(written, found[0])
    return with_variables(value)


def _cased(key: str) -> str:
    names = {
        "aws:principalaccount": "aws:PrincipalAccount",
        "aws:principalorgid": "aws:PrincipalOrgID",
        "aws:resourceaccount": "aws:ResourceAccount",
        "aws:resourceorgid": "aws:ResourceOrgID",
    }
    return names.get(key, key)


def _null(test: Test, found: tuple[str, ...] | None) -> Tri:
    if found is None:
        return MAYBE
    wanted = {"true": True, "false": False}
    answers = [
        MAYBE
        if NUL in value
        else YES
        if wanted.get(value.lower()) is (found == ())
        else NO
        for value in test.values
    ]
    return either(*answers)


def _absent(quantifier: str, *, negated: bool, if_exists: bool) -> Tri:
    if if_exists or quantifier == "forallvalues":
        return YES
    if quantifier == "foranyvalue":
        return NO
    return YES if negated else NO


def _quantified(
    quantifier: str,
    compare: Callable[[str, str], Tri],
    found: tuple[str, ...],
    values: tuple[str, ...],
    *,
    negated: bool,
) -> Tri:
    def one(has: str) -> Tri:
        answer = either(*(compare(value, has) for value in values))
        return opposite(answer) if negated else answer

    answers = [one(has) for has in found]
    if quantifier == "forallvalues":
        return both(*answers)
    return either(*answers)


def _text(value: str, has: str) -> Tri:
    return equals(value, has)


def _folded(value: str, has: str) -> Tri:
    return equals(value.lower(), has.lower())


def _like(value: str, has: str) -> Tri:
    return covers(value, has)


def _arn(value: str, has: str) -> Tri:
    """ARNs by their six parts: `*` and `?` do not reach over a colon outside the last."""
    if value == "*":
        return YES
    wanted, given = value.split(":", 5), has.split(":", 5)
    if len(wanted) == 6 and len(given) == 6:
        return both(*(covers(w, g) for w, g in zip(wanted, given, strict=True)))
    return covers(value, has) if NUL in value + has else NO


def _truth(value: str, has: str) -> Tri:
    return equals(value.lower(), has.lower())


def _address(value: str, has: str) -> Tri:
    if NUL in value or NUL in has:
        return MAYBE
    try:
        network = ipaddress.ip_network(value, strict=False)
        given = ipaddress.ip_network(has, strict=False)
    except ValueError:
        return NO
    if network.version != given.version:
        return NO
    return YES if given.subnet_of(network) else MAYBE if network.overlaps(given) else NO  # type: ignore[arg-type]


def _ordered(
    read: Callable[[str], float | None], accept: Callable[[float, float], bool]
) -> Callable[[str, str], Tri]:
    def compare(value: str, has: str) -> Tri:
        if NUL in value or NUL in has:
            return MAYBE
        limit, given = read(value), read(has)
        if limit is None or given is None:
            return NO
        return YES if accept(given, limit) else NO

    return compare


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _moment(text: str) -> float | None:
    number = _number(text)
    if number is not None:
        return number
    try:
        moment = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.timezone.utc)
    return moment.timestamp()


_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "equals": lambda given, limit: given == limit,
    "lessthan": lambda given, limit: given < limit,
    "lessthanequals": lambda given, limit: given <= limit,
    "greaterthan": lambda given, limit: given > limit,
    "greaterthanequals": lambda given, limit: given >= limit,
}
_COMPARE: dict[str, Callable[[str, str], Tri]] = {
    "stringequals": _text,
    "stringequalsignorecase": _folded,
    "stringlike": _like,
    "arnequals": _arn,
    "arnlike": _arn,
    "bool": _truth,
    "binaryequals": _text,
    "ipaddress": _address,
    **{f"numeric{name}": _ordered(_number, order) for name, order in _ORDERS.items()},
    **{f"date{name}": _ordered(_moment, order) for name, order in _ORDERS.items()},
}
_NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
    "notipaddress": "ipaddress",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
}
