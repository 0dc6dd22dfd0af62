"""What another root of the scan hands out through its state.

`data.terraform_remote_state.x.outputs.y` is the output `y` of the root whose backend
keeps its state where the data source reads: the same bucket and key (S3, Azure), or the
same bucket and prefix (Google Cloud). Local state is a file that a scan does not hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.lower.reading import given
from mlsec_lint.lower.terraform_index import symbol_of, type_of

if TYPE_CHECKING:
    from mlsec_lint.lower.terraform_index import RootIndex, TerraformIndex
    from mlsec_lint.terraform.resource import Resource
    from mlsec_lint.value import Value

_STATE = "data.terraform_remote_state"
#: What says where a state is, of which one that names the object must be there.
_PLACES = ("bucket", "storage_account_name", "container_name", "key", "prefix")
_OBJECTS = ("key", "prefix")
#: So many elements of a path into an output are followed.
_DEPTH = 12


def behind(
    index: TerraformIndex, here: RootIndex, value: Value
) -> tuple[RootIndex, Value] | None:
    """The output that a reference to another root's state means, with that root.

    None where it is no such reference, or the scan holds no root, or several, with that
    state.
    """
    symbol = symbol_of(value)
    if symbol is None or _STATE not in symbol.address:
        return None
    source = here.resolve(symbol)
    if source is None or type_of(source) != _STATE or symbol.path[:1] != ("outputs",):
        return None
    homes = [home for home in index.roots if _keeps(here, source, home)]
    if len(homes) != 1 or not 1 < len(symbol.path) <= _DEPTH:
        return None
    found = homes[0].root.outputs.get(str(symbol.path[1]))
    for step in symbol.path[2:]:
        found = _part(found, step) if found is not None else None
    return None if found is None else (homes[0], found)


def _part(value: Value, step: str | int | None) -> Value | None:
    if step is None:  # a key that is not known
        return None
    if isinstance(step, int):
        elements = value.elements()
        return elements[step] if 0 <= step < len(elements) else None
    return value.get(step)


def _keeps(here: RootIndex, source: Resource, home: RootIndex) -> bool:
    """Whether a root's backend keeps its state where a data source reads."""
    backend, config = home.root.backend, given(source.values, "config")
    if backend is None or config is None:
        return False
    read = {name: here.text_of(given(config, name)) for name in _PLACES}
    kept = {name: home.text_of(given(backend, name)) for name in _PLACES}
    named = any(isinstance(read[name], str) for name in _OBJECTS)
    return named and all(
        text is None if read[name] is None else text == read[name]
        for name, text in kept.items()
    )
