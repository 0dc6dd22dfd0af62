"""Values that know where they came from. Knows no format and no cloud.

A Value is what an attribute, a YAML node or an expression stands for. Its `data` is

* `None`: null;
* `Unknown`: nobody can tell statically; the reason and the symbol are kept;
* `str`, `bool`, `int` or a number type of the evaluator: a scalar. Scalars read from
  YAML are text until a reader types them (`NO` is Norway, `0755` is a mode);
* `tuple[Value, ...]`: a list, set or tuple;
* `dict[str, Value]`: a map or object. Each element's `key` is the span of its name.

Values are never changed after they were made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsec_lint.source import Span


class Step(NamedTuple):
    """One stop on the way of a value: a default, a tfvars line, a module argument."""

    span: Span
    words: str


class Symbol(NamedTuple):
    """A reference that is certain though its value is not.

    `address` is the full address of the thing referred to, with module path and
    instance key as far as they are known (`module.data.aws_s3_bucket.w["a"]`,
    `data.aws_caller_identity.current`); `path` the attribute and index steps behind it
    (`("id",)`, `("rule", 0, "arn")`). A step that is not known is `None`.
    """

    address: str
    path: tuple[str | int | None, ...] = ()


class Bounds(NamedTuple):
    """What is certain of an unknown value all the same.

    * `not_null`: it will not be null;
    * `prefix`: a string begins with that (its last character may yet combine);
    * `low`, `high`: a number lies between these, both included;
    * `min_length`, `max_length`: a collection has so many elements.
    """

    not_null: bool = False
    prefix: str = ""
    low: Any = None
    high: Any = None
    min_length: int = 0
    max_length: int | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why nobody can tell a value, and what can be told all the same.

    * `kind`: a stable word: `variable`, `resource`, `data`, `module`, `function`,
      `template`, `placeholder`, `environment`, `bound`, `error`, `unsupported`,
      `cluster` (in which of several clusters something runs), `each`
      (of a loop, which takes each of `possible` in turn);
    * `why`: a clause for people ("var.region has no default");
    * `name`: what would settle it if somebody gave it ("var.region"), or "";
    * `symbol`: the reference it stands for, where it is one;
    * `parts`: a template with known and unknown parts: each a str or an Unknown;
    * `possible`: all values it can have, where that is known (a conditional with an
      unknown condition, a validation list), else None;
    * `span`: where the unknown arises;
    * `bounds`: what is certain of it, where anything is.
    """

    kind: str
    why: str
    name: str = ""
    symbol: Symbol | None = None
    parts: tuple[Any, ...] = ()
    possible: tuple[Value, ...] | None = None
    span: Span | None = None
    bounds: Bounds | None = None

    def __bool__(self) -> NoReturn:
        raise TypeError("the truth of an Unknown is not known")

    def _replace(self, **changes: Any) -> Unknown:
        """A copy with some fields changed (a NamedTuple would pass for a list)."""
        fields: dict[str, Any] = {
            "kind": self.kind,
            "why": self.why,
            "name": self.name,
            "symbol": self.symbol,
            "parts": self.parts,
            "possible": self.possible,
            "span": self.span,
            "bounds": self.bounds,
        }
        fields.update(changes)
        return Unknown(**fields)


Scalar = str | bool | int | float


class Value:
    """A typed value with its span and trail. See the module's text for `data`.

    * `span`: the expression or node that states it (None: nobody wrote it);
    * `key`: the span of the name under which it stands (attribute name, mapping key);
    * `type`: the evaluator's type object, or None for documents without a schema;
    * `trail`: the steps it came through, nearest first;
    * `sensitive`: may be judged, never printed;
    * `symbol`: the reference it was read through, kept when the value is known too;
    * `origin`: (how, value) for a string that was encoded from a value: ("json", v),
      ("yaml", v), ("base64", v). The structure survives one unknown inside. Of an
      unknown map, ("merge", v): the entries that are certain all the same; of an
      unknown list or set, ("among", v): what it is made of, the known elements of v
      for certain, the unknown ones perhaps. Of an object whose keys are not all known,
      ("entries", v): the list of its entries, each an object of `key` and `value`;
    * `summary`: what the evaluator remembers of all that is inside, or None.
    """

    __slots__ = (
        "data",
        "key",
        "origin",
        "sensitive",
        "span",
        "summary",
        "symbol",
        "trail",
        "type",
    )

    def __init__(
        self,
        data: Any,
        span: Span | None = None,
        *,
        key: Span | None = None,
        type: Any = None,  # noqa: A002
        trail: tuple[Step, ...] = (),
        sensitive: bool = False,
        symbol: Symbol | None = None,
        origin: tuple[str, Value] | None = None,
    ) -> None:
        self.data = data
        self.span = span
        self.key = key
        self.type = type
        self.trail = trail
        self.sensitive = sensitive
        self.symbol = symbol
        self.origin = origin
        self.summary: tuple[int, bool, bool, int] | None = None

    def __repr__(self) -> str:
        return f"Value({self.data!r})"

    @property
    def is_null(self) -> bool:
        """Whether this is HCL or YAML null."""
        return self.data is None

    @property
    def unknown(self) -> Unknown | None:
        """The Unknown, when the value as a whole is not known."""
        return self.data if isinstance(self.data, Unknown) else None

    def get(self, name: str) -> Value | None:
        """The element of that name; None when there is none or this is no mapping.

        An element of an unknown value is unknown for the same reason.
        """
        data = self.data
        if isinstance(data, dict):
            return data.get(name)
        if isinstance(data, Unknown):
            if self.origin is not None and self.origin[0] == "merge":
                certain = self.origin[1].get(name)
                if certain is not None:
                    return certain
            symbol = data.symbol
            if symbol is not None:
                symbol = Symbol(symbol.address, (*symbol.path, name))
            return Value(
                data._replace(symbol=symbol, parts=(), possible=None, bounds=None),
                self.span,
                key=self.key,
                trail=self.trail,
                sensitive=self.sensitive,
            )
        return None

    def at(self, *names: str | int) -> Value | None:
        """The value at a path of names and indexes, or None where it ends early.

        An integer step into a mapping, or a name step into a list of exactly one
        element (a Terraform block), looks through that list.
        """
        here: Value | None = self
        for name in names:
            if here is None:
                return None
            if isinstance(here.data, dict):
                here = here.data.get(name)
            elif isinstance(name, int):
                elements = here.elements()
                here = (
                    elements[name] if -len(elements) <= name < len(elements) else None
                )
            else:
                if isinstance(here.data, tuple) and len(here.data) == 1:
                    here = here.data[0]
                here = here.get(name)
        return here

    def elements(self) -> tuple[Value, ...]:
        """The elements of a list, set or tuple; () for everything else."""
        data = self.data
        if isinstance(data, Unknown) or not isinstance(data, tuple):
            return ()  # an Unknown is a NamedTuple, and no list
        return data

    def items(self) -> Iterator[tuple[str, Value]]:
        """Names and elements of a mapping; nothing for everything else."""
        if isinstance(self.data, dict):
            yield from self.data.items()

    def text(self) -> str | Unknown | None:
        """The scalar as text as written or as Terraform prints it; None for null.

        A list or mapping where text is expected is None too.
        """
        data = self.data
        if data is None or isinstance(data, str | Unknown):
            return data
        if isinstance(data, bool):
            return "true" if data else "false"
        return None if isinstance(data, tuple | dict) else str(data)

    def boolean(self) -> bool | Unknown | None:
        """True or False for a boolean or its text; None for null and anything else."""
        data = self.data
        if data is None or isinstance(data, bool | Unknown):
            return data
        if isinstance(data, str):
            return {"true": True, "false": False}.get(data.strip().lower())
        return None

    def integer(self) -> int | Unknown | None:
        """The whole number, or None where this is none."""
        data = self.data
        if data is None or isinstance(data, Unknown):
            return data
        if isinstance(data, bool | tuple | dict):
            return None
        try:
            return int(str(data).strip())
        except ValueError:
            return None

    def entry(self) -> Span | None:
        """The span to point at: name and value on one line, else the name alone.

        Code hosts show an annotation only if every line of it is in the diff, so the
        narrowest region that names the attribute is the right one.
        """
        if self.key is None:
            return self.span
        if self.span is None or self.span.source is not self.key.source:
            return self.key
        if "\n" in self.key.source.text[self.key.start : self.span.end]:
            return self.key
        return self.key.to(self.span)

    def replace(self, **changes: Any) -> Value:
        """A copy with some slots changed."""
        made = object.__new__(Value)
        made.data = self.data
        made.span = self.span
        made.key = self.key
        made.type = self.type
        made.trail = self.trail
        made.sensitive = self.sensitive
        made.symbol = self.symbol
        made.origin = self.origin
        made.summary = self.summary
        for name, value in changes.items():
            setattr(made, name, value)
        if "data" in changes or "sensitive" in changes:
            made.summary = None
        return made
