"""Resources of which nobody can tell whether they speak of a thing.

While there is one, that nothing speaks of the thing is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.reading import given, unknown_because
from mlsec_lint.lower.terraform_index import symbol_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from mlsec_lint.estate import Fact
    from mlsec_lint.lower.terraform_index import RootIndex, Satellites
    from mlsec_lint.value import Value


def unsure_of(here: RootIndex, satellites: Satellites, attribute: str) -> list[Fact]:
    """A reading that nobody can tell, where a satellite may be this parent's.

    One that refers to a thing of another type is not meant.
    """
    for other in satellites.open:
        if may_be_any(here, given(other.values, attribute)):
            why = f"of what {other.address} speaks is not known"
            return [unknown_because(other, why)]
    return []


def may_be_any(here: RootIndex, value: Value | None) -> bool:
    """Whether a value that names something may name anything: no reference, no text."""
    if value is None or value.is_null:
        return False
    text = here.text_of(value)
    if not isinstance(text, Unknown):
        return False
    symbol = symbol_of(value)
    resource = symbol is not None and here.resolve_all(symbol)
    return not resource and not any(isinstance(p, str) and p for p in text.parts)
