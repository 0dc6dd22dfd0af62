"""Go template syntax: a text as nodes. Evaluates nothing.

Covers what Helm charts use: actions with trim markers, pipelines, variables, `if`,
`with`, `range`, `define`, `block`, `template`, comments. A text that does not parse
gives a TemplateError with its offset.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Union

from mlsec_lint.parse.actions import Action, find_actions
from mlsec_lint.patterns import regex

#: Control structures inside each other.
MAX_NESTING = 30
_WORD = regex(
    r"""[ \t\r\n]*(?:
      (?P<string>"(?:[^"\\\n]|\\.)*")
    | (?P<raw>`[^`]*`)
    | (?P<number>[-+]?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?))(?![\w.])
    | (?P<field>(?:\$(?:[A-Za-z_]\w*)?)?(?:\.[A-Za-z_][\w]*)+|\$[A-Za-z_]\w*|\$|\.(?![\w]))
    | (?P<name>[A-Za-z_]\w*)
    | (?P<mark>:=|[()|,=])
    )""",
    re.VERBOSE,
)


class TemplateError(Exception):
    """A template that is none, with the offset at which that shows."""

    def __init__(self, words: str, offset: int) -> None:
        super().__init__(words)
        self.words = words
        self.offset = offset


class Literal(NamedTuple):
    """A constant: str, int, float, bool or None."""

    value: str | int | float | bool | None


class Field(NamedTuple):
    """A chain of names from the dot ("") or from a variable ("$", "$x")."""

    base: str
    names: tuple[str, ...]


class Chain(NamedTuple):
    """Names behind a pipeline in parentheses."""

    inner: Pipeline
    names: tuple[str, ...]


class Function(NamedTuple):
    """A function by its name."""

    name: str


Operand = Union[Literal, Field, Chain, Function, "Pipeline"]


class Pipeline(NamedTuple):
    """Commands joined by pipes; each a list of operands. `variables` are assigned."""

    commands: tuple[tuple[Operand, ...], ...]
    variables: tuple[str, ...] = ()
    declares: bool = False


class Text(NamedTuple):
    """Literal text: offsets in the template, white space trimmed by its neighbours."""

    start: int
    end: int


class Output(NamedTuple):
    """An action that writes a value or assigns variables."""

    pipeline: Pipeline
    tag: Tag


class Branch(NamedTuple):
    """`if`, `else if`, `with`, `range` and what stands under it; `else` has no pipeline."""

    pipeline: Pipeline | None
    body: tuple[Node, ...]
    tag: Tag


class Control(NamedTuple):
    """A control structure: `kind` is "if", "with" or "range"; `end` closes it."""

    kind: str
    branches: tuple[Branch, ...]
    end: Tag


class Jump(NamedTuple):
    """`break` or `continue`."""

    kind: str


class Tag(NamedTuple):
    """An action with the white space that its trim markers take away."""

    start: int
    end: int
    before: int
    after: int


Node = Text | Output | Control | Jump


class Template(NamedTuple):
    """A parsed text: its nodes and the templates it defines."""

    nodes: tuple[Node, ...]
    defines: dict[str, tuple[Node, ...]]


def parse(text: str) -> Template:
    """The nodes of a template; TemplateError where it is none."""
    return _Parser(text).parse()


class _Open:
    """A control structure that is being read."""

    __slots__ = ("branches", "kind", "name", "nodes", "pipeline", "tag")

    def __init__(
        self, kind: str, pipeline: Pipeline | None, tag: Tag, name: str
    ) -> None:
        self.kind = kind
        self.pipeline = pipeline
        self.tag = tag
        self.name = name
        self.nodes: list[Node] = []
        self.branches: list[Branch] = []


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.defines: dict[str, tuple[Node, ...]] = {}
        self.stack: list[_Open] = [_Open("file", None, Tag(0, 0, 0, 0), "")]

    def parse(self) -> Template:
        actions = [a for a in find_actions(self.text) if self._is_go(a)]
        at = 0
        for index, action in enumerate(actions):
            tag = self._tag(action, at, actions, index)
            if tag.before > at:
                self._add(Text(at, tag.before))
            at = tag.after
            if action.kind != "comment":
                self._action(action, tag)
        if at < len(self.text):
            self._add(Text(at, len(self.text)))
        if len(self.stack) > 1:
            raise TemplateError(
                f"{self.stack[-1].kind} without end", self.stack[-1].tag.start
            )
        return Template(tuple(self.stack[0].nodes), self.defines)

    def _is_go(self, action: Action) -> bool:
        return self.text.startswith("{{", action.start)

    def _tag(self, action: Action, at: int, actions: list[Action], index: int) -> Tag:
        """Where the text before ends and the text behind begins, trimmed."""
        text = self.text
        before, after = action.start, action.end
        if text.startswith("{{-", action.start):
            before = at + len(text[at : action.start].rstrip(" \t\r\n"))
        if text.endswith("-}}", action.start, action.end):
            following = index + 1
            stop = actions[following].start if following < len(actions) else len(text)
            gap = text[action.end : stop]
            after = action.end + len(gap) - len(gap.lstrip(" \t\r\n"))
        return Tag(action.start, action.end, before, after)

    def _add(self, node: Node) -> None:
        self.stack[-1].nodes.append(node)

    def _action(self, action: Action, tag: Tag) -> None:
        words = _Words(action.body, action.start)
        name = words.peek_name()
        if name in ("if", "with", "range"):
            words.next()
            words.part()
            self._open(name, words.pipeline_to_end(), tag, "")
        elif name in ("define", "block"):
            words.next()
            named = words.string()
            pipeline = words.pipeline_to_end() if name == "block" else None
            self._open(name, pipeline, tag, named)
        elif name == "else":
            words.next()
            self._else(words, tag)
        elif name == "end":
            self._close(tag)
        elif name in ("break", "continue"):
            self._add(Jump(name))
        elif name == "template":
            words.next()
            named = words.string()
            rest = words.pipeline_to_end() if words.more() else None
            dot: Operand = Literal(None) if rest is None else rest
            call = (Function("include"), Literal(named), dot)
            self._add(Output(Pipeline((call,)), tag))
        else:
            self._add(Output(words.pipeline_to_end(), tag))

    def _open(self, kind: str, pipeline: Pipeline | None, tag: Tag, name: str) -> None:
        if len(self.stack) > MAX_NESTING:
            raise TemplateError(f"nested deeper than {MAX_NESTING}", tag.start)
        self.stack.append(_Open(kind, pipeline, tag, name))

    def _else(self, words: _Words, tag: Tag) -> None:
        here = self.stack[-1]
        if here.kind not in ("if", "with", "range"):
            raise TemplateError("else without if", tag.start)
        here.branches.append(Branch(here.pipeline, tuple(here.nodes), here.tag))
        here.nodes = []
        here.tag = tag
        here.pipeline = None
        if words.peek_name() in ("if", "with"):
            words.next()
            here.pipeline = words.pipeline_to_end()

    def _close(self, tag: Tag) -> None:
        here = self.stack[-1]
        if here.kind == "file":
            raise TemplateError("end without if", tag.start)
        self.stack.pop()
        if here.kind in ("define", "block"):
            self.defines[here.name] = tuple(here.nodes)
            if here.kind == "block":
                assert here.pipeline is not None
                call = (Function("include"), Literal(here.name), here.pipeline)
                self._add(Output(Pipeline((call,)), here.tag))
            return
        branches = (*here.branches, Branch(here.pipeline, tuple(here.nodes), here.tag))
        self._add(Control(here.kind, branches, tag))


class _Words:
    """The words of one action."""

    def __init__(self, body: str, start: int) -> None:
        self.start = start
        self.items: list[tuple[str, str, bool]] = []
        at = 0
        while at < len(body):
            match = _WORD.match(body, at)
            if match is None:
                if body[at:].strip() == "":
                    break
                raise TemplateError(
                    f"{body[at : at + 20].strip()} is not understood", start
                )
            kind = match.lastgroup
            assert kind is not None
            spaced = match.start(kind) > at or at == 0
            self.items.append((kind, match.group(kind), spaced))
            at = match.end()
        self.at = 0

    def more(self) -> bool:
        return self.at < len(self.items)

    def peek_name(self) -> str:
        if self.more() and self.items[self.at][0] == "name":
            return self.items[self.at][1]
        return ""

    def next(self) -> tuple[str, str, bool]:
        if not self.more():
            raise TemplateError("the action ends early", self.start)
        self.at += 1
        return self.items[self.at - 1]

    def part(self) -> None:
        """What follows a keyword belongs to nothing before it: `if.Values.x`."""
        if self.more():
            kind, lexeme, _ = self.items[self.at]
            self.items[self.at] = (kind, lexeme, True)

    def string(self) -> str:
        kind, lexeme, _ = self.next()
        if kind not in ("string", "raw"):
            raise TemplateError("a name in quotes is missing", self.start)
        return _unquote(lexeme) if kind == "string" else lexeme[1:-1]

    def pipeline_to_end(self) -> Pipeline:
        found = self.pipeline(0)
        if self.more():
            raise TemplateError(f"{self.items[self.at][1]} is out of place", self.start)
        return found

    def pipeline(self, depth: int) -> Pipeline:
        if depth > MAX_NESTING:
            raise TemplateError("parentheses nested too deep", self.start)
        variables, declares = self._assigned()
        commands = [self._command(depth)]
        while self.more() and self.items[self.at][1] == "|":
            self.at += 1
            commands.append(self._command(depth))
        return Pipeline(tuple(commands), variables, declares)

    def _assigned(self) -> tuple[tuple[str, ...], bool]:
        """`$x :=`, `$x =` and `$i, $x :=` in front of a pipeline."""
        names: list[str] = []
        at = self.at
        while at < len(self.items):
            kind, lexeme, _ = self.items[at]
            if kind != "field" or not lexeme.startswith("$") or "." in lexeme:
                break
            names.append(lexeme)
            at += 1
            if at < len(self.items) and self.items[at][1] == ",":
                at += 1
                continue
            break
        if names and at < len(self.items) and self.items[at][1] in (":=", "="):
            declares = self.items[at][1] == ":="
            self.at = at + 1
            return tuple(names), declares
        return (), False

    def _command(self, depth: int) -> tuple[Operand, ...]:
        operands: list[Operand] = []
        while self.more() and self.items[self.at][1] not in ("|", ")"):
            operands.append(self._operand(depth))
        if not operands:
            raise TemplateError("a value is missing", self.start)
        return tuple(operands)

    def _operand(self, depth: int) -> Operand:
        kind, lexeme, _ = self.next()
        if kind == "string":
            return Literal(_unquote(lexeme))
        if kind == "raw":
            return Literal(lexeme[1:-1])
        if kind == "number":
            return Literal(_number(lexeme))
        if kind == "field":
            base, _, rest = lexeme.partition(".")
            names = tuple(rest.split(".")) if rest else ()
            return Field(base, names)
        if kind == "name":
            constants = {"true": True, "false": False, "nil": None}
            if lexeme in constants:
                return Literal(constants[lexeme])
            return Function(lexeme)
        if lexeme == "(":
            inner = self.pipeline(depth + 1)
            if self.next()[1] != ")":
                raise TemplateError("a parenthesis is not closed", self.start)
            if self.more():
                kind, lexeme, spaced = self.items[self.at]
                if kind == "field" and lexeme.startswith(".") and not spaced:
                    self.at += 1
                    return Chain(inner, tuple(n for n in lexeme.split(".") if n))
            return inner
        raise TemplateError(f"{lexeme} is out of place", self.start)


def _number(lexeme: str) -> int | float:
    if len(lexeme) > 40:
        return float(lexeme) if "x" not in lexeme.lower() else 0
    try:
        return int(lexeme, 0)
    except ValueError:
        return float(lexeme) if not lexeme.lstrip("+-").isdecimal() else int(lexeme)


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'", "0": "\0"}


def _unquote(lexeme: str) -> str:
    def one(match: re.Match[str]) -> str:
        escape = match.group(1)
        if escape[0] in "xuU" and len(escape) > 1:
            code = int(escape[1:], 16)
            return (
                chr(code)
                if code < 0x110000 and not 0xD800 <= code < 0xE000
                else "\ufffd"
            )
        return _ESCAPES.get(escape, escape)

    pattern = r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)"
    return re.sub(pattern, one, lexeme[1:-1])
