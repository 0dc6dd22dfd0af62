"""Which AWS accounts are the scan's own, as far as its providers tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.aws.arns import ACCOUNT, field_of
from mlsec_lint.lower.aws.grants.match import OWN, hole, text_with_holes
from mlsec_lint.lower.terraform_index import symbol_of, values_at
from mlsec_lint.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsec_lint.estate import Estate
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import ProviderUse, Resource
    from mlsec_lint.value import Value

_NUMBER = regex(r"\d{12}")


class Accounts:
    """The accounts of a scan: one per way in which its providers sign in.

    `lab` holds the numbers of all of them, as far as config says.
    """

    def __init__(self, index: TerraformIndex) -> None:
        self._index = index
        self._numbers: dict[tuple[str, ...], set[str]] = {}
        self._bases: dict[int, tuple[str, ...]] = {}
        self._texts: dict[int, Callable[[Value], str]] = {}
        for here in index.roots:
            uses = [*here.root.providers, *(r.provider for r in here.resources)]
            known = {id(u.values): u for u in uses if u.name == "aws"}.values()
            keys = [_key(use) for use in known if not use.alias]
            self._bases[id(here)] = next((key for key in keys if key), ())
            for use in known:
                self._numbers.setdefault(_key(use), set()).update(_numbers(here, use))
        for here in index.roots:
            for data in here.of("data.aws_caller_identity"):
                number = here.attribute(data, "account_id")
                if isinstance(number, str) and _NUMBER.fullmatch(number):
                    self._numbers.setdefault(_key(data.provider), set()).add(number)
        self.lab = frozenset(n for found in self._numbers.values() for n in found)

    def learn(self, estate: Estate) -> None:
        """Take the accounts of identities that workloads of the scan act as for the lab's.

        Service accounts name them by their ARN; they are no outsiders.
        """
        used = {
            number
            for edge in estate.edges()
            if edge.verb in ("becomes", "runs as", "counts as")
            for thing in (edge.source, edge.target)
            if (number := field_of(thing.address, ACCOUNT)) is not None
        }
        self.lab |= {number for number in used if _NUMBER.fullmatch(number)}

    def own(self, here: RootIndex) -> tuple[str, ...]:
        """The numbers of the account that a root's default provider works in."""
        return tuple(sorted(self._numbers.get(self._bases[id(here)], ())))

    def of(self, resource: Resource) -> str:
        """The account of a resource: OWN for that of the root's default provider.

        Of two resources that sign in by other ways it is told by number, or by a hole.
        """
        here = self._index.home(resource)
        key = _key(resource.provider)
        if not key or key == self._bases[id(here)]:
            return OWN
        numbers = self._numbers.get(key, set())
        if len(numbers) == 1:
            number = next(iter(numbers))
            return OWN if number in self.own(here) else number
        return hole(f"account of {key}".replace("\0", ""))

    def is_lab(self, account: str) -> bool:
        """Whether an account is known as one of the scan's own."""
        return account == OWN or account in self.lab

    def texts(self, resource: Resource) -> Callable[[Value], str]:
        """A reader of values of a resource's own root as text with holes."""
        here = self._index.home(resource)
        return self.texts_of(here)

    def texts_of(self, here: RootIndex) -> Callable[[Value], str]:
        """A reader of values of a root: references followed, own numbers as OWN."""
        found = self._texts.get(id(here))
        if found is None:
            others = {
                data.address: self.of(data)
                for data in here.of("data.aws_caller_identity")
                if self.of(data) != OWN
            }
            found = self._texts[id(here)] = _reader(here, self.own(here), others)
        return found


def _reader(
    here: RootIndex, own: tuple[str, ...], others: dict[str, str]
) -> Callable[[Value], str]:
    def read(value: Value) -> str:
        text = text_with_holes(here.text_of(value), own)
        symbol = symbol_of(value) if text == OWN else None
        if symbol is not None and symbol.address in others:
            return others[symbol.address]
        return text

    return read


def _key(use: ProviderUse) -> tuple[str, ...]:
    """What tells accounts apart: the role that a provider assumes, or its profile."""
    if use.values is None:
        return ()
    return tuple(
        f"{path}={text_with_holes(value.text())}"
        for path in ("assume_role.role_arn", "profile")
        for value in values_at(use.values, path)
    )


def _numbers(here: RootIndex, use: ProviderUse) -> Iterator[str]:
    if use.values is None:
        return
    for value in values_at(use.values, "allowed_account_ids"):
        text = here.text_of(value)
        if isinstance(text, str) and _NUMBER.fullmatch(text):
            yield text
    for value in values_at(use.values, "assume_role.role_arn"):
        number = field_of(here.text_of(value), ACCOUNT)
        if number is not None and _NUMBER.fullmatch(number):
            yield number
