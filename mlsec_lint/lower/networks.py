"""Address ranges in export rules and security groups: a whole network, or some of it."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from mlsec_lint.lower.reading import each_possible
from mlsec_lint.lower.terraform_index import symbol_of
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from collections.abc import Container

    from mlsec_lint.lower.terraform_index import RootIndex
    from mlsec_lint.value import Value

#: The longest prefixes that still count as a whole network: the size of a usual VPC.
_WHOLE_V4, _WHOLE_V6 = 16, 56
#: Attributes that hold the ranges of a whole network, by the end of their type's name.
_NETWORKS = ("_vpc", "_virtual_network", ".vpc", ".vnet", ".network")
_RANGES = ("cidr_block", "vpc_cidr_block", "cidr", "address_space", "vpc_cidr")


def whole_network(
    here: RootIndex, value: Value, networks: Container[str] = ()
) -> bool | Unknown:
    """Whether a range is a whole network: by its size, as one of `networks`, by reference.

    A reference to a subnet's range is some of it; one that leads nowhere is unknown.
    """
    text = here.text_of(value)
    if isinstance(text, str):
        return text in networks or _is_wide(text)
    symbol = symbol_of(value)
    if symbol is not None:
        step = next((s for s in symbol.path if isinstance(s, str)), "")
        kind = symbol.address.rpartition(".")[0].partition("[")[0]
        name = symbol.address.partition("[")[0]
        if step in _RANGES and (kind.endswith(_NETWORKS) or name.endswith(_NETWORKS)):
            return True
        if "subnet" in kind:
            return False
    if isinstance(text, Unknown):
        return each_possible(text, lambda one: whole_network(here, one, networks))
    return Unknown("error", "this is not an address range", span=value.span)


def _is_wide(text: str) -> bool:
    """Whether a literal range is at least as large as a usual network."""
    word = text.strip()
    if word in ("*", ""):
        return True
    try:
        network = ipaddress.ip_network(word, strict=False)
    except ValueError:
        return False  # a host name, a group
    limit = _WHOLE_V4 if network.version == 4 else _WHOLE_V6
    return network.prefixlen <= limit
