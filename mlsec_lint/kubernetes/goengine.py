"""Evaluates Go templates over Values, without ever stopping at what is not known.

The output is text for the YAML reader. What is known is written as Helm writes it; an
action whose value is not known is written as it stands in the template, and so are the
`if`, `with` and `range` around text of which nobody can tell whether it is there. The
YAML reader masks such actions, so that they become Unknown in the objects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.kubernetes.gofunctions import PLAIN
from mlsec_lint.kubernetes.goscalars import (
    UnansweredError,
    python,
    text_of,
    truth,
    wrapped,
)
from mlsec_lint.kubernetes.gotemplate import (
    Branch,
    Chain,
    Control,
    Field,
    Function,
    Jump,
    Literal,
    Node,
    Operand,
    Output,
    Pipeline,
    Template,
    TemplateError,
    Text,
    parse,
)
from mlsec_lint.kubernetes.govalues import CHANGING, VALUE_FUNCTIONS, change, entry
from mlsec_lint.kubernetes.gowriter import BoundError, Writer
from mlsec_lint.kubernetes.included import reshaped, unwritten, whole_lines, written
from mlsec_lint.kubernetes.merge import is_built_in
from mlsec_lint.source import Source
from mlsec_lint.value import Symbol, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

#: Nodes that one template file may evaluate; control structures and includes in each other.
MAX_STEPS = 200_000
MAX_DEPTH = 50
#: Elements of a list or mapping that `range` goes through.
MAX_RANGE = 5_000

#: Marks a text in which an action that is not known was written.
TAINTED = "template"

_NO_DOT = Value(None)
_TAINT_SAFE = frozenset(
    {"nindent", "indent", "quote", "squote", "toString", "trim", "print", "cat", "printf",
     "default", "trimSuffix", "trimPrefix", "trunc", "include", "tpl", "toYaml"}
)  # fmt: skip


class _Break(Exception):  # noqa: N818
    """Leaves a range, or goes on with its next element."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Engine:
    """Templates that know each other's definitions, over one dot.

    `root` is `{"Values": ..., "Chart": ..., "Release": ...}`; `files` gives the text of
    a file of the chart, `listed` the names that match a pattern; `notes` collects words about what was not followed.
    """

    def __init__(
        self,
        templates: dict[str, tuple[Source, tuple[Node, ...]]],
        root: Value,
        files: Callable[[str], str | None],
        listed: Callable[[str], list[str]],
    ) -> None:
        self.templates = templates
        self.root = root
        self.files = files
        self.listed = listed
        self.notes: list[str] = []
        self.steps = 0
        self.depth = 0
        self.uncertain = 0

    def render(self, source: Source, template: Template) -> Writer:
        """The output of a template file; BoundError where it does too much."""
        self.steps = 0
        writer = Writer(source)
        frame = _Frame(None, {"$": self.root})
        try:
            self._nodes(template.nodes, self.root, frame, writer)
        except _Break:
            self.notes.append("break outside of range")
        return writer

    # -- nodes

    def _nodes(
        self, nodes: tuple[Node, ...], dot: Value, frame: _Frame, out: Writer
    ) -> None:
        if self.depth >= MAX_DEPTH:
            raise BoundError("templates and conditions inside each other too deep")
        self.depth += 1
        try:
            self._each(nodes, dot, frame, out)
        finally:
            self.depth -= 1

    def _each(
        self, nodes: tuple[Node, ...], dot: Value, frame: _Frame, out: Writer
    ) -> None:
        for node in nodes:
            self.steps += 1
            if self.steps > MAX_STEPS:
                raise BoundError("a template that takes too many steps")
            if isinstance(node, Text):
                text = out.source.text[node.start : node.end]
                out.put(text, node.start, node.end, exact=True)
            elif isinstance(node, Output):
                self._output(node, dot, frame, out)
            elif isinstance(node, Control):
                self._control(node, dot, frame, out)
            else:
                self._jump(node)

    def _jump(self, node: Jump) -> None:
        if self.uncertain:
            return  # whether it is reached is not known: go on as if it was not
        raise _Break(node.kind)

    def _output(self, node: Output, dot: Value, frame: _Frame, out: Writer) -> None:
        value = self._pipeline(node.pipeline, dot, frame)
        if node.pipeline.variables:
            self._assign(node.pipeline, value, frame)
            return
        text = text_of(value.data) if not isinstance(value.data, Unknown) else None
        if text is None:
            out.raw(node.tag, value)
            return
        out.tainted = out.tainted or value.type == TAINTED
        pieces = whole_lines(value)
        if pieces:
            out.splice(text, node.tag, pieces)
            return
        out.put(text, node.tag.start, node.tag.end, exact=False, value=value)

    def _assign(self, pipeline: Pipeline, value: Value, frame: _Frame) -> None:
        name = pipeline.variables[-1]
        if pipeline.declares:
            frame.names[name] = value
            return
        holder = frame.holder(name)
        if holder is None:
            frame.names[name] = value
        elif self.uncertain > holder.uncertain:
            why = f"{name} is set where nobody can tell whether it is reached"
            holder.names[name] = Value(Unknown("template", why, name=name))
        else:
            holder.names[name] = value

    def _control(self, node: Control, dot: Value, frame: _Frame, out: Writer) -> None:
        if node.kind == "range":
            self._range(node, dot, frame, out)
            return
        shown: list[Branch] = []
        for branch in node.branches:
            inner = frame.child(self.uncertain)
            if branch.pipeline is None:
                known: bool | None = True
                here = dot
            else:
                value = self._pipeline(branch.pipeline, dot, inner)
                if branch.pipeline.variables:
                    inner.names[branch.pipeline.variables[-1]] = value
                known = truth(value)
                here = value if node.kind == "with" else dot
            if known is False:
                continue
            if known and not shown:
                self._nodes(branch.body, here, inner, out)
                return
            shown.append(branch)
            self._maybe(branch, here, inner, out)
            if known:
                break
        if shown:
            out.raw(node.end)

    def _maybe(self, branch: Branch, dot: Value, frame: _Frame, out: Writer) -> None:
        """A branch of which nobody can tell whether it is taken."""
        out.raw(branch.tag)
        self.uncertain += 1
        frame.uncertain = self.uncertain
        try:
            self._nodes(branch.body, dot, frame, out)
        finally:
            self.uncertain -= 1

    def _range(self, node: Control, dot: Value, frame: _Frame, out: Writer) -> None:
        first = node.branches[0]
        assert first.pipeline is not None
        value = self._pipeline(first.pipeline, dot, frame)
        names = first.pipeline.variables
        if isinstance(value.data, Unknown):
            inner = frame.child(self.uncertain)
            element = Value(_part_of(value.data, None))
            _name(inner, names, Value(_part_of(value.data, None)), element)
            self._maybe(first, element, inner, out)
            out.raw(node.end)
            return
        elements = _pairs(value)
        if len(elements) > MAX_RANGE:
            raise BoundError("a range over too many elements")
        if not elements and len(node.branches) > 1:
            self._nodes(node.branches[1].body, dot, frame.child(self.uncertain), out)
        for key, element in elements:
            inner = frame.child(self.uncertain)
            _name(inner, names, key, element)
            try:
                self._nodes(first.body, element, inner, out)
            except _Break as jump:
                if jump.kind == "break":
                    break

    # -- values

    def _pipeline(self, pipeline: Pipeline, dot: Value, frame: _Frame) -> Value:
        piped: Value | None = None
        for command in pipeline.commands:
            piped = self._command(command, dot, frame, piped)
        assert piped is not None
        return piped

    def _command(
        self,
        command: tuple[Operand, ...],
        dot: Value,
        frame: _Frame,
        piped: Value | None,
    ) -> Value:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise BoundError("a template that takes too many steps")
        head, rest = command[0], command[1:]
        if isinstance(head, Function):
            args = [self._operand(one, dot, frame) for one in rest]
            if piped is not None:
                args.append(piped)
            return self._call(head.name, args)
        if rest or piped is not None:
            args = [self._operand(one, dot, frame) for one in rest]
            if piped is not None:
                args.append(piped)
            return self._method(head, args)
        return self._operand(head, dot, frame)

    def _operand(self, operand: Operand, dot: Value, frame: _Frame) -> Value:
        if isinstance(operand, Literal):
            return Value(operand.value)
        if isinstance(operand, Field):
            base = dot if operand.base == "" else frame.find(operand.base)
            return _fields(base, operand.names)
        if isinstance(operand, Chain):
            return _fields(self._pipeline(operand.inner, dot, frame), operand.names)
        if isinstance(operand, Function):
            return self._call(operand.name, [])
        return self._pipeline(operand, dot, frame)

    def _method(self, head: Operand, args: list[Value]) -> Value:
        """`.Files.Get "x"`, `.Files.Glob "*"`, `.Capabilities.APIVersions.Has "x"`."""
        names = head.names if isinstance(head, Field) else ()
        name = args[0].data if len(args) == 1 else None
        if names[-2:] == ("Files", "Get") and isinstance(name, str):
            text = self.files(name)
            return (
                _unknown(f"the file {name} is not read")
                if text is None
                else Value(text)
            )
        if names[-2:] == ("Files", "Glob") and isinstance(name, str):
            return self._glob(name)
        if names[-2:] == ("APIVersions", "Has") and isinstance(name, str):
            if _is_built_in(name):
                return Value(data=True)
            return _unknown(f"whether the cluster has {name}")
        return _unknown("a method of an object")

    def _glob(self, pattern: str) -> Value:
        """The texts of the chart's files whose names match, by name."""
        found: dict[str, Value] = {}
        for name in self.listed(pattern):
            text = self.files(name)
            if text is None:
                return _unknown(f"the file {name} is not read")
            found[name] = Value(text)
        return Value(found)

    def _call(self, name: str, args: list[Value]) -> Value:
        if name in ("and", "or"):
            return _logic(name, args)
        if name in ("include", "tpl"):
            return self._include(name, args)
        special = VALUE_FUNCTIONS.get(name)
        try:
            if name in CHANGING and args:
                return change(name, args, sure=not self.uncertain)
            if special is not None:
                return special(args)
            plain = PLAIN.get(name)
            if plain is None:
                return _unknown(f"the function {name} is not evaluated")
            unknown = next((a for a in args if isinstance(a.data, Unknown)), None)
            if unknown is not None:
                return Value(_why(unknown.data), unknown.span)
            tainted = any(one.type == TAINTED for one in args)
            if tainted and name not in _TAINT_SAFE:
                return _unknown(f"{name} of a text that is not all known")
            result = wrapped(plain(*map(python, args)))
        except (
            UnansweredError,
            TypeError,
            ValueError,
            IndexError,
            OverflowError,
        ) as error:
            return _unknown(f"{name}: {error}")
        return _derived(name, result, args, tainted=tainted)

    def _include(self, name: str, args: list[Value]) -> Value:
        """The text that a named template (or a text, for `tpl`) gives for a dot."""
        if len(args) < 2 or not isinstance(args[0].data, str):
            return _unknown(f"{name} of a name that is not known")
        named = args[0].data
        if name == "tpl":
            if "{{" not in named:
                return args[0]
            if args[0].type == TAINTED:
                return _unknown("tpl of a text that is not all known")
            try:
                source = Source("", named)
                nodes = parse(named).nodes
            except TemplateError as error:
                return _unknown(f"tpl of what is no template ({error.words})")
        elif named in self.templates:
            source, nodes = self.templates[named]
        else:
            return _unknown(f"the template {named} is not in the chart")
        writer = Writer(source, nested=True)
        try:
            self._nodes(nodes, args[1], _Frame(None, {"$": args[1]}), writer)
        except _Break:
            self.notes.append("break outside of range")
        return written(writer, TAINTED if writer.tainted else None)


class _Frame:
    """Variables of one scope."""

    __slots__ = ("above", "names", "uncertain")

    def __init__(
        self, above: _Frame | None, names: dict[str, Value], uncertain: int = 0
    ) -> None:
        self.above = above
        self.names = names
        self.uncertain = uncertain

    def child(self, uncertain: int) -> _Frame:
        return _Frame(self, {}, uncertain)

    def holder(self, name: str) -> _Frame | None:
        here: _Frame | None = self
        while here is not None:
            if name in here.names:
                return here
            here = here.above
        return None

    def find(self, name: str) -> Value:
        holder = self.holder(name)
        return _unknown(f"{name} is not set") if holder is None else holder.names[name]


def _name(frame: _Frame, names: tuple[str, ...], key: Value, element: Value) -> None:
    if len(names) == 1:
        frame.names[names[0]] = element
    elif len(names) > 1:
        frame.names[names[0]], frame.names[names[1]] = key, element


def _pairs(value: Value) -> list[tuple[Value, Value]]:
    """What `range` goes through: mappings by sorted key, lists in order, counts."""
    data = value.data
    if isinstance(data, dict):
        return [
            (data[n] if n.startswith("{{") else Value(n), data[n]) for n in sorted(data)
        ]
    if isinstance(data, int) and not isinstance(data, bool):
        return [(Value(i), Value(i)) for i in range(min(data, MAX_RANGE + 1))]
    return [(Value(i), one) for i, one in enumerate(value.elements())]


def _fields(value: Value, names: tuple[str, ...]) -> Value:
    """Follow names; what a mapping does not have is nil, as Helm's values are."""
    for index, name in enumerate(names):
        data = value.data
        if isinstance(data, Unknown):
            return Value(_part_of(data, ".".join(names[index:])), value.span)
        if not isinstance(data, dict):
            return _NO_DOT if data is None else _unknown(f".{name} of no mapping")
        value = entry(data, name, _NO_DOT)
    return value


def _part_of(data: Unknown, name: str | None) -> Unknown:
    symbol = data.symbol
    if symbol is not None:
        symbol = Symbol(symbol.address, (*symbol.path, name))
    return data._replace(symbol=symbol, parts=(), possible=None)


def _is_built_in(name: str) -> bool:
    """Whether any cluster has an API: stable versions of the built-in groups."""
    group, _, version = name.partition("/")
    if not version:
        return name == "v1"
    version = version.partition("/")[0]
    return version in ("v1", "v2") and is_built_in(f"{group}/{version}")


def _unknown(why: str) -> Value:
    return Value(Unknown("template", why))


def _why(data: Unknown) -> Unknown:
    return Unknown("template", data.why, name=data.name)


def _logic(name: str, args: list[Value]) -> Value:
    """Go's `and` and `or`: the first argument that decides, where it is known."""
    wanted = name == "or"
    for index, one in enumerate(args):
        known = truth(one)
        if known is None:
            rest = [truth(other) for other in args[index + 1 :]]
            return Value(data=wanted) if wanted in rest else one
        if known is wanted:
            return one
    return args[-1] if args else Value(data=not wanted)


def _derived(name: str, result: Value, args: list[Value], *, tainted: bool) -> Value:
    """The result of a function, with the place of the argument it was made from."""
    if args:
        result = reshaped(name, args, result)
    if tainted and isinstance(result.data, str):
        return result.replace(type=TAINTED)
    if result.span is not None or result.origin or not isinstance(result.data, str):
        return result
    origin = next((a for a in reversed(args) if a.span is not None or a.origin), None)
    if origin is None:
        return result
    return result.replace(
        span=origin.span, key=origin.key, trail=origin.trail, origin=unwritten(origin)
    )
