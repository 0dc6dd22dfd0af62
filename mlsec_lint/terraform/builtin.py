"""Resource types that are part of Terraform itself, whose schema is certain.

From Terraform 1.11, internal/builtin/providers/terraform.
"""

from __future__ import annotations

from mlsec_lint.terraform import values
from mlsec_lint.terraform.scope import safe_type_of
from mlsec_lint.terraform.types import DYNAMIC, STRING
from mlsec_lint.value import Symbol, Unknown, Value

SCHEMAS: dict[str, frozenset[str]] = {
    "terraform_data": frozenset(("id", "input", "output", "triggers_replace")),
}


def complete(type_: str, items: dict[str, Value], symbol: Symbol) -> dict[str, Value]:
    """The attributes of a built-in resource with those that it computes."""
    assert type_ == "terraform_data"
    made = dict(items)
    for name in ("input", "triggers_replace"):
        made.setdefault(name, Value(None, type=DYNAMIC))
    made["id"] = values.not_null(_computed(symbol, "id", Value(None, type=STRING)))
    given = made["input"]
    made["output"] = given
    if given.data is not None:
        made["output"] = _computed(symbol, "output", given)
    return made


def _computed(symbol: Symbol, name: str, like: Value) -> Value:
    words = f"{symbol.address}.{name}"
    step = Symbol(symbol.address, (name,))
    unknown = Unknown("resource", f"{words} is known after apply", words, step)
    return Value(unknown, like.span, type=safe_type_of(like), symbol=step)
