"""`try` and `can`, given what became of each argument.

The evaluator evaluates the arguments, in order, and hands over a Value or the
EvaluationError of each. Facts from hashicorp/hcl 2.23 (ext/tryfunc).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.terraform import values
from mlsec_lint.terraform.errors import EvaluationError
from mlsec_lint.terraform.types import BOOL, DYNAMIC
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsec_lint.source import Span

# References whose attributes are there for certain, only not known yet.
_CERTAIN = ("resource", "data", "module")


def try_results(
    outcomes: Sequence[Value | EvaluationError], span: Span | None = None
) -> Value:
    """The first argument that succeeded; EvaluationError when none did.

    One with anything unknown in it may still fail once it is known, so that the result
    is unknown as a whole; its possible values are this one and the later ones up to
    the first that is certain. What it refers to is kept where that cannot fail.
    """
    if not outcomes:
        raise _failed("try", "at least one argument is required", span)
    errors: list[EvaluationError] = []
    for position, outcome in enumerate(outcomes):
        if isinstance(outcome, EvaluationError):
            errors.append(outcome)
        elif values.wholly_known(outcome):
            return outcome
        else:
            return _undecided(outcome, outcomes[position + 1 :], span)
    lines = "".join(f"- {e.summary}\n  {e.detail}\n" for e in errors)
    message = (
        f"no expression succeeded:\n{lines}\n"
        "At least one expression must produce a successful result"
    )
    raise _failed("try", message, span)


def _failed(name: str, message: str, span: Span | None) -> EvaluationError:
    return EvaluationError(
        "Error in function call", f'Call to function "{name}" failed: {message}.', span
    )


def _undecided(
    value: Value, rest: Sequence[Value | EvaluationError], span: Span | None
) -> Value:
    reason = values.first_unknown(value)
    assert reason is not None, "the value is not wholly known"
    if isinstance(value.data, Unknown) and reason.symbol and reason.kind in _CERTAIN:
        return value.replace(
            data=reason._replace(bounds=None), type=DYNAMIC, span=value.span or span
        )
    candidates = [value]
    for outcome in rest:
        if isinstance(outcome, EvaluationError):
            continue
        candidates.append(outcome)
        if values.wholly_known(outcome):
            break
    possible = tuple(candidates) if len(candidates) <= values.MAX_POSSIBLE else None
    made = values.derived(reason)._replace(possible=possible)
    sensitive = any(values.any_sensitive(c) for c in candidates)
    return Value(made, span, type=DYNAMIC, trail=value.trail, sensitive=sensitive)


def can_result(
    outcomes: Sequence[Value | EvaluationError], span: Span | None = None
) -> Value:
    """Whether the one argument succeeded; unknown when it has anything unknown in it."""
    if len(outcomes) != 1:
        many = len(outcomes) > 1
        raise EvaluationError(
            "Too many function arguments" if many else "Not enough function arguments",
            'Function "can" expects only 1 argument(s).'
            if many
            else 'Function "can" expects 1 argument(s). Missing value for "expression".',
            span,
        )
    outcome = outcomes[0]
    if isinstance(outcome, EvaluationError):
        return values.FALSE.replace(span=span)
    reason = values.first_unknown(outcome)
    if reason is not None:
        return values.unknown(BOOL, values.derived(reason), span)
    return values.TRUE.replace(span=span)
