"""Terraform's functions, by family, in one explicit table.

The table is made on the first call: a scan without Terraform does not pay for it.
`call_function` is the only way in; `LAZY` names the functions whose arguments the
evaluator must not evaluate before it asks `functions.lazy`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from mlsec_lint.terraform.errors import EvaluationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.source import Span
    from mlsec_lint.terraform.functions.context import FunctionContext
    from mlsec_lint.terraform.functions.signature import Function
    from mlsec_lint.value import Value

LAZY = frozenset({"try", "can"})


@cache
def table() -> dict[str, Function]:
    """All functions by name, without the `core::` prefix that each may carry."""
    from mlsec_lint.terraform.functions import (
        arithmetic,
        conversions,
        dates,
        digests,
        encoding,
        files,
        formatting,
        json_text,
        mappings,
        networks,
        patterns,
        queries,
        sequences,
        sets,
        strings,
        yaml_text,
    )

    families = (
        arithmetic.FUNCTIONS,
        conversions.FUNCTIONS,
        dates.FUNCTIONS,
        digests.FUNCTIONS,
        encoding.FUNCTIONS,
        files.FUNCTIONS,
        formatting.FUNCTIONS,
        json_text.FUNCTIONS,
        mappings.FUNCTIONS,
        networks.FUNCTIONS,
        patterns.FUNCTIONS,
        queries.FUNCTIONS,
        sequences.FUNCTIONS,
        sets.FUNCTIONS,
        strings.FUNCTIONS,
        yaml_text.FUNCTIONS,
    )
    return {function.name: function for family in families for function in family}


def call_function(
    context: FunctionContext,
    name: str,
    args: Sequence[Value],
    span: Span | None = None,
) -> Value:
    """The result of `name(args...)`. Raises EvaluationError and nothing else.

    The result stands at `span`, the elements of it where they were written. `try` and
    `can` get values that are there already: nothing can fail any more.
    """
    from mlsec_lint.terraform.functions import lazy, signature

    plain = name.removeprefix("core::")
    if plain == "try":
        return lazy.try_results(args, span)
    if plain == "can":
        return lazy.can_result(args, span)
    function = table().get(plain)
    if function is None:
        raise EvaluationError(
            "Call to unknown function", f'There is no function named "{name}".', span
        )
    return signature.call(function, args, context, span)
