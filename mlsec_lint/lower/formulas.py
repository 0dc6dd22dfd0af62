"""Attributes that follow from arguments: ARNs, ids, urls, e-mail addresses as text.

The formulas are data (policies/data/computed_attributes.csv). A part that nobody can
tell from config (an account number, a random suffix) stays an Unknown inside the text:
`arn:aws:iam::{account}:role/trainer` still joins to every role of that name.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from mlsec_lint.estate import tables
from mlsec_lint.patterns import regex
from mlsec_lint.value import Symbol, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_DEPTH = 12
_PLACEHOLDER = regex(r"\{([^{}]*)\}")

#: Partition and DNS suffix by the start of the region (botocore 1.44.5, 2026-11).
_PARTITIONS = (
    ("cn-", "aws-cn", "amazonaws.com.cn"),
    ("us-gov-", "aws-us-gov", "amazonaws.com"),
    ("eusc-", "aws-eusc", "amazonaws.eu"),
    ("us-iso-", "aws-iso", "c2s.ic.gov"),
    ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
    ("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"),
    ("us-isof-", "aws-iso-f", "csp.hci.ic.gov"),
)

#: What an argument is when it is left out, where a formula needs it.
_ABSENT = {"path": "/", "namespace": "default"}


@cache
def _formulas() -> dict[tuple[str, str], str]:
    return {
        (row["resource"], row["attribute"]): row["formula"]
        for row in tables.rows("computed_attributes.csv")
    }


def concatenation(parts: Iterable[str | Unknown]) -> str | Unknown:
    """One text out of parts: a str when all are known, else an Unknown with parts."""
    flat: list[str | Unknown] = []
    for part in parts:
        inner = part.parts if isinstance(part, Unknown) and part.parts else (part,)
        for piece in inner:
            if isinstance(piece, str) and flat and isinstance(flat[-1], str):
                flat[-1] += piece
            elif piece != "":
                flat.append(piece)
    unknown = next((p for p in flat if isinstance(p, Unknown)), None)
    if unknown is None:
        return "".join(p for p in flat if isinstance(p, str))
    if len(flat) == 1:
        return unknown
    return unknown._replace(parts=tuple(flat), symbol=None, possible=None)


class Formulas:
    """Texts of values and computed attributes within one root."""

    def __init__(
        self,
        resolve: Callable[[Symbol | None], Resource | None],
        meant: Callable[[Symbol], Symbol],
    ) -> None:
        self._resolve = resolve
        self._meant = meant
        self._known: dict[tuple[int, tuple[str | int | None, ...]], object] = {}

    def text_of(self, value: Value, depth: int = 0) -> str | Unknown | None:
        """Known text, a pattern with unknown parts, or None for null and collections."""
        text = value.text()
        if not isinstance(text, Unknown):
            return text
        return self._settle(text, depth)

    def _settle(self, unknown: Unknown, depth: int) -> str | Unknown:
        if depth > _DEPTH:
            return unknown
        if unknown.parts:
            return concatenation(
                part if isinstance(part, str) else self._settle(part, depth + 1)
                for part in unknown.parts
            )
        resource = self._resolve(unknown.symbol) if unknown.symbol else None
        if resource is None or unknown.symbol is None:
            return unknown
        path = _behind_key(resource, self._meant(unknown.symbol).path)
        found = self.attribute(resource, path, depth + 1)
        return unknown if found is None else found

    def attribute(
        self, resource: Resource, path: tuple[str | int | None, ...], depth: int = 0
    ) -> str | Unknown | None:
        """The text at a path of a resource: its argument, its formula, or Unknown.

        None where the argument is null or absent and no formula computes it.
        """
        key = (id(resource), path)
        if key not in self._known:
            self._known[key] = None  # a formula that needs itself ends here
            self._known[key] = self._attribute(resource, path, depth)
        found = self._known[key]
        assert found is None or isinstance(found, str | Unknown)
        return found

    def _attribute(
        self, resource: Resource, path: tuple[str | int | None, ...], depth: int
    ) -> str | Unknown | None:
        steps = [step for step in path if isinstance(step, str)]
        value = resource.values.at(*steps) if len(steps) == len(path) else None
        itself = Symbol(resource.address, path)
        if value is not None and not value.is_null:
            known = value.unknown is None or value.unknown.symbol != itself
            if known:
                return self.text_of(value, depth)
        kind = f"data.{resource.type}" if resource.mode == "data" else resource.type
        formula = _formulas().get((kind, ".".join(steps)))
        if formula is None or depth > _DEPTH:
            return None if value is None or value.is_null else value.unknown
        return self._fill(resource, formula, itself, depth)

    def _fill(
        self, resource: Resource, formula: str, itself: Symbol, depth: int
    ) -> str | Unknown:
        parts: list[str | Unknown] = []
        at = 0
        for match in _PLACEHOLDER.finditer(formula):
            parts.append(formula[at : match.start()])
            parts.append(self._part(resource, match[1], itself, depth))
            at = match.end()
        parts.append(formula[at:])
        return concatenation(parts)

    def _part(
        self, resource: Resource, name: str, itself: Symbol, depth: int
    ) -> str | Unknown:
        if name.startswith("lower("):
            inner = self._part(resource, name[6:-1], itself, depth)
            return inner.lower() if isinstance(inner, str) else inner
        if name in {"partition", "dns_suffix"}:
            return _partition(self._scope(resource, "region"), name)
        if name in {"region", "account", "project", "subscription", "location", "zone"}:
            return self._scope(resource, name)
        if name != "?" and (name,) != itself.path:
            found = self.attribute(resource, tuple(name.split(".")), depth + 1)
            if found is not None:
                return found
        if name in _ABSENT:
            return _ABSENT[name]
        return Unknown(
            "resource",
            f"{resource.address} is not created yet",
            symbol=itself if formula_is_opaque(name) else None,
            name=name,
        )

    def _scope(self, resource: Resource, name: str) -> str | Unknown:
        """What a resource inherits from its provider: region, account, project ..."""
        own = resource.values.get(name) if name != "account" else None
        if own is not None and not own.is_null:
            text = self.text_of(own)
            if text is not None:
                return text
        provider = resource.provider.values
        argument = {
            "subscription": "subscription_id",
            "account": "allowed_account_ids",
            "location": "region",
        }.get(name, name)
        given = provider.get(argument) if provider is not None else None
        if given is not None and name == "account":
            one = given.elements()
            given = one[0] if len(one) == 1 else None
        text = None if given is None else self.text_of(given)
        if text is None:
            why = f"the provider configuration does not say which {name}"
            return Unknown("environment", why, name)
        return text

    def argument_behind(
        self, resource: Resource, path: tuple[str | int | None, ...]
    ) -> Value | None:
        """The argument that an attribute repeats (`{bucket}`), where it is only that."""
        steps = [step for step in _behind_key(resource, path) if isinstance(step, str)]
        value = resource.values.at(*steps) if steps else None
        if value is not None and not value.is_null:
            itself = Symbol(resource.address, tuple(steps))
            if value.unknown is None or value.unknown.symbol != itself:
                return value
        kind = f"data.{resource.type}" if resource.mode == "data" else resource.type
        formula = _formulas().get((kind, ".".join(steps)), "")
        match = re.fullmatch(r"\{([a-z_0-9.]+)\}", formula)
        return None if match is None else resource.values.at(*match[1].split("."))


def formula_is_opaque(name: str) -> bool:
    """Whether a part of a formula can only be known by the reference to it."""
    return name in {"?", "id", "key_id"}


def _behind_key(
    resource: Resource, path: tuple[str | int | None, ...]
) -> tuple[str | int | None, ...]:
    """The attribute path of a reference, without an instance key in front."""
    if path and resource.index is not None and path[0] in (resource.index, None):
        return path[1:]
    if path and (path[0] is None or (isinstance(path[0], int) and len(path) > 1)):
        return path[1:]
    return path


def _partition(region: str | Unknown, name: str) -> str:
    """Partition or DNS suffix of a region; the commercial one where it is not known.

    Only joins use it: an unknown region must not part a bucket from its ARN.
    """
    known = region if isinstance(region, str) else ""
    for start, partition, suffix in _PARTITIONS:
        if known.startswith(start):
            return partition if name == "partition" else suffix
    return "aws" if name == "partition" else "amazonaws.com"
