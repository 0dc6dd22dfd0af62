"""Functions on types and marks: tostring, toset, ..., sensitive, nonsensitive.

Facts from Terraform 1.11 (lang/funcs/conversion.go, sensitive.go).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.terraform import types, values
from mlsec_lint.terraform.convert import ConversionError, convert
from mlsec_lint.terraform.functions.signature import (
    Args,
    Call,
    CallError,
    Function,
    Parameter,
)
from mlsec_lint.terraform.types import BOOL, DYNAMIC, NUMBER, STRING, Type, type_of
from mlsec_lint.terraform.unify import fits
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

_ANYTHING = Parameter("v", DYNAMIC, null=True, unknown=True, dynamic=True, marked=True)
_VALUE = _ANYTHING._replace(name="value")
_HINTS = {
    "bool": 'only the strings "true" or "false" are allowed',
    "number": "given string must be a decimal representation of a number",
}


def _checked(wanted: Type) -> Callable[[Args], Type]:
    def returns(args: Args) -> Type:
        given = type_of(args[0])
        if not fits(given, wanted):
            raise CallError(_cannot(given, wanted), 0)
        return wanted

    return returns


def _cannot(given: Type, wanted: Type) -> str:
    to = wanted.friendly(constraint=True)
    return f"cannot convert {given.friendly()} to {to}"


def _convert_to(wanted: Type) -> Callable[[Args, Call], Value]:
    def run(args: Args, _call: Call) -> Value:
        try:
            made = convert(args[0], wanted)
        except ConversionError:
            given = type_of(args[0])
            if values.any_sensitive(args[0]):
                to = wanted.friendly(constraint=True)
                message = f"cannot convert this sensitive {given.friendly()} to {to}"
            elif given is STRING and wanted.kind in _HINTS:
                shown = values.quote(args[0].data)
                message = (
                    f"cannot convert {shown} to {wanted.kind}; {_HINTS[wanted.kind]}"
                )
            else:
                message = _cannot(given, wanted)
            raise CallError(message, 0) from None
        if isinstance(made.data, Unknown) and made.type != wanted:
            # What kind of elements it has Terraform forgets here.
            made = made.replace(data=made.data._replace(bounds=None), type=wanted)
        return made

    return run


def _to(name: str, wanted: Type) -> Function:
    return Function(
        name, (_ANYTHING,), _checked(wanted), _convert_to(wanted), bounds=None
    )


def _same_type(args: Args) -> Type:
    return type_of(args[0])


def _sensitive(args: Args, _call: Call) -> Value:
    return values.mark(args[0], sensitive=True)


def _nonsensitive(args: Args, _call: Call) -> Value:
    return args[0].replace(sensitive=False) if args[0].sensitive else args[0]


def _issensitive(args: Args, call: Call) -> Value:
    if args[0].sensitive:
        return values.TRUE
    if isinstance(args[0].data, Unknown):
        # It may still turn out to be sensitive.
        return values.unknown(call.returns, values.derived(args[0].data))
    return values.FALSE


def _ephemeral_as_null(args: Args, _call: Call) -> Value:
    return args[0]


FUNCTIONS = (
    _to("tostring", STRING),
    _to("tonumber", NUMBER),
    _to("tobool", BOOL),
    _to("tolist", types.LIST_OF_DYNAMIC),
    _to("toset", types.SET_OF_DYNAMIC),
    _to("tomap", types.MAP_OF_DYNAMIC),
    Function("sensitive", (_VALUE,), _same_type, _sensitive, bounds=None),
    Function("nonsensitive", (_VALUE,), _same_type, _nonsensitive, bounds=None),
    Function("issensitive", (_VALUE,), BOOL, _issensitive),
    # The evaluator does not follow ephemeral marks: ephemeral values are unknown to it.
    Function("ephemeralasnull", (_VALUE,), _same_type, _ephemeral_as_null, bounds=None),
)
