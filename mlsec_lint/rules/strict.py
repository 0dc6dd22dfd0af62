"""Strict reading of the YAML files that people write for this program.

Rules, baselines and `.mlsec-lint.yaml` go through here. Nothing is tolerated: an
unknown or repeated key, an alias, a tag or a value of the wrong shape is an error with
its place, and all errors of a file are collected. Scalars stay text until a caller asks
for a type (`NO` is Norway). Knows nothing of rules.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

from mlsec_lint.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 60
#: Below this many possible openers no text can nest deeply enough to hurt.
_FEW_OPENERS = 1_000


class PolicyError(NamedTuple):
    """What is wrong with a policy file, and where (line and column from 1)."""

    path: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.text}"


def did_you_mean(word: str, known: Collection[str]) -> str:
    """`; did you mean 'title'?` where something close is known, else ""."""
    close = get_close_matches(word[:80], list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


class Strict:
    """One file being read. Every reading function reports and returns a placeholder."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.errors: list[PolicyError] = []

    def error(self, where: Node | Span | None, text: str) -> None:
        """Report an error at a node, a span or (None) the start of the file."""
        offset = 0
        if isinstance(where, Span):
            offset = where.start
        elif where is not None:
            offset = where.start_mark.index
        self.errors.append(
            PolicyError(self.source.path, *self.source.position(offset), text)
        )

    def span(self, node: Node) -> Span:
        """The characters of a node."""
        return Span(self.source, node.start_mark.index, node.end_mark.index)

    def document(self) -> Node | None:
        """The only document of the file; None after an error or when it is empty."""
        import yaml

        text = self.source.text
        if len(text) > MAX_CHARACTERS:
            self.error(None, f"longer than {MAX_CHARACTERS} characters")
            return None
        try:
            if _may_nest_deeply(text) and _depth(text) > MAX_DEPTH:
                self.error(None, f"nested more than {MAX_DEPTH} deep")
                return None
            node: Node | None = yaml.compose(text, Loader=_loader())
        except yaml.MarkedYAMLError as wrong:
            at = wrong.problem_mark.index if wrong.problem_mark else 0
            words = f"not YAML: {wrong.problem or wrong.context}"
            if (
                "nesting depth" in words
            ):  # a bound of libyaml's own, from PyYAML 6.0.4 on
                words = f"nested more than {MAX_DEPTH} deep"
            self.error(Span(self.source, at, at), words)
            return None
        except (yaml.YAMLError, ValueError, RecursionError) as wrong:
            self.error(None, f"not YAML: {' '.join(str(wrong).split())[:200]}")
            return None
        return node if node is not None and self._plain(node) else None

    def _plain(self, root: Node) -> bool:
        """Whether there are no aliases, tags or repeated keys; reports those it finds."""
        before = len(self.errors)
        seen: set[int] = set()
        waiting = [(root, 0)]
        while waiting:
            node, depth = waiting.pop()
            if id(node) in seen:
                self.error(node, "aliases are not read here: write the value twice")
                continue
            seen.add(id(node))
            if not node.tag.startswith("tag:yaml.org,2002:"):
                self.error(node, f"tags are not read here: {node.tag}")
            if depth > MAX_DEPTH:
                self.error(node, f"nested more than {MAX_DEPTH} deep")
                break
            if is_mapping(node):
                self._unique(node)
                waiting.extend(
                    (part, depth + 1) for pair in node.value for part in pair
                )
            elif is_list(node):
                waiting.extend((item, depth + 1) for item in node.value)
        return len(self.errors) == before

    def _unique(self, node: MappingNode) -> None:
        seen: dict[str, ScalarNode] = {}
        for key, _ in node.value:
            if not is_scalar(key):
                self.error(key, "a key must be text")
                continue
            first = seen.setdefault(key.value, key)
            if first is not key:
                line = self.source.position(first.start_mark.index)[0]
                self.error(key, f"the key {key.value!r} is already on line {line}")

    def pairs(self, node: Node, what: str) -> Iterator[tuple[ScalarNode, Node]]:
        """Keys and values of a mapping; reports and yields nothing for all else."""
        if not is_mapping(node):
            self.error(node, f"{what} must be a mapping")
            return
        yield from node.value

    def mapping(
        self,
        node: Node,
        what: str,
        allowed: Collection[str],
        required: Collection[str] = (),
    ) -> Mapping[str, Node]:
        """The values of a mapping by key; unknown and missing keys are reported."""
        found: dict[str, Node] = {}
        for key, value in self.pairs(node, what):
            if key.value in allowed:
                found[key.value] = value
            else:
                hint = did_you_mean(key.value, allowed)
                self.error(key, f"no such key {key.value!r}{hint}")
        missing = [name for name in required if name not in found]
        if missing and is_mapping(node):
            names = ", ".join(repr(name) for name in missing)
            self.error(node, f"{what} needs {names}")
        return found

    def items(self, node: Node, what: str) -> list[Node]:
        """The items of a list; reports and returns [] for everything else."""
        if not is_list(node):
            self.error(node, f"{what} must be a list")
            return []
        return list(node.value)

    def text(self, node: Node, what: str) -> str:
        """A non-empty scalar as it is written, stripped; "" after an error."""
        if not is_scalar(node) or not node.value.strip():
            self.error(node, f"{what} must be text")
            return ""
        return str(node.value).strip()

    def texts(self, node: Node, what: str) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one."""
        if is_scalar(node):
            return (self.text(node, what),)
        return tuple(self.text(item, what) for item in self.items(node, what))

    def word(self, node: Node, what: str, known: Collection[str]) -> str:
        """One of the known words; "" after an error."""
        text = self.text(node, what)
        if text and text not in known:
            hint = did_you_mean(text, known) or f"; one of {', '.join(known)}"
            self.error(node, f"{what} cannot be {text!r}{hint}")
            return ""
        return text

    def number(self, node: Node, what: str) -> int:
        """A whole number; 0 after an error."""
        text = self.text(node, what)
        if text and not (text.lstrip("-").isdecimal() and len(text) < 20):
            self.error(node, f"{what} must be a whole number, not {text!r}")
            return 0
        return int(text or 0)

    def truth(self, node: Node, what: str) -> bool:
        """`true` or `false` and no other spelling; False after an error."""
        return self.word(node, what, ("true", "false")) == "true"


def is_scalar(node: Node) -> TypeGuard[ScalarNode]:
    """Whether a node is a scalar."""
    return type(node).__name__ == "ScalarNode"


def is_list(node: Node) -> TypeGuard[SequenceNode]:
    """Whether a node is a YAML list."""
    return type(node).__name__ == "SequenceNode"


def is_mapping(node: Node) -> TypeGuard[MappingNode]:
    """Whether a node is a YAML mapping."""
    return type(node).__name__ == "MappingNode"


def _may_nest_deeply(text: str) -> bool:
    return sum(text.count(opener) for opener in "[{-?") > _FEW_OPENERS


def _depth(text: str) -> int:
    """How deep a text nests, by its event stream: libyaml composes by recursion."""
    import yaml

    depth = deepest = 0
    for event in yaml.parse(text, Loader=_loader()):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            deepest = max(deepest, depth)
            if deepest > MAX_DEPTH:
                break
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return deepest


def _loader() -> Any:
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)
