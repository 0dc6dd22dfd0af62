"""One YAML document's events as Values. Constructs nothing and obeys no tag.

See `parse/yaml.py` for what the Values look like; it cuts a text into documents.
"""

from __future__ import annotations

from sys import intern
from typing import TYPE_CHECKING, Any

from yaml import YAMLError
from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from mlsec_lint.parse.actions import ANCHOR
from mlsec_lint.patterns import regex
from mlsec_lint.source import Note, Source, Span
from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    from mlsec_lint.parse.actions import Masked

#: Deeper nesting is not read: no Kubernetes object comes near (Terraform's JSON neither).
MAX_DEPTH = 100
#: How many nodes aliases and merge keys may add to one document by being repeated.
MAX_REPEATED = 200_000

#: How many notes one document gets.
MAX_NOTES = 100

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_YAML_ORG = "tag:yaml.org,2002:"
#: Tags that a document may carry without hiding what the node is.
_KNOWN_TAGS = frozenset(
    _YAML_ORG + name
    for name in (
        "str", "int", "float", "bool", "null", "map", "seq", "omap", "set", "timestamp",
        "binary", "merge", "value",
    )
)  # fmt: skip
#: CloudFormation's and other functions on mappings: the mapping is an argument, not data.
_FUNCTIONS = regex(
    r"!(?:Ref|Sub|GetAtt|If|Join|Select|FindInMap|ImportValue|Split|Base64|Cidr|GetAZs"
    r"|Transform|And|Or|Not|Equals|Condition|reference|ENV|name)\b"
)


class _Frame:
    """A collection that is being read."""

    __slots__ = (
        "anchor",
        "before",
        "flow",
        "items",
        "key",
        "mapping",
        "merges",
        "start",
        "tag",
    )

    def __init__(self, event: Any, start: int, *, mapping: bool, before: int) -> None:
        self.mapping = mapping
        self.items: Any = {} if mapping else []
        self.key: tuple[str, Span] | None = None
        self.merges: list[tuple[Span, Value]] = []
        self.start = start
        self.anchor: str | None = event.anchor
        self.tag: str | None = event.tag
        self.flow = bool(event.flow_style)
        self.before = before


class Builder:
    """Builds Values from the events of one document."""

    def __init__(self, source: Source, base: int, masked: Masked | None) -> None:
        self.source = source
        self.base = base
        self.masked = masked
        self.tokens = masked.tokens() if masked else None
        self.notes: list[Note] = []
        self.roots: list[Value] = []
        self.frames: list[_Frame] = []
        self.anchors: dict[str, tuple[Value, int] | None] = {}
        self.count = 0
        self.repeated = 0
        self.last_end = base

    def read(self, chunk: str) -> tuple[int, int, str] | None:
        """Read the chunk; the place and words of the error that stopped it, or None."""
        try:
            self._events(CParser(chunk))
        except YAMLError as error:
            return self._fault(error, chunk)
        return None

    def _fault(self, error: YAMLError, chunk: str) -> tuple[int, int, str]:
        mark = getattr(error, "problem_mark", None)
        if mark is not None:
            at = min(mark.index, len(chunk.rstrip()))
            words = str(getattr(error, "problem", "") or "not YAML")
            context = getattr(error, "context", None)
            if context:
                words = f"{words} ({context})"
        else:  # a reader error: its position counts bytes
            position = int(getattr(error, "position", 0) or 0)
            at = len(
                chunk.encode("utf-8", "replace")[:position].decode("utf-8", "ignore")
            )
            words = str(getattr(error, "reason", "") or "a character YAML forbids")
        stop = chunk.find("\n", at)
        stop = len(chunk) if stop < 0 else stop
        start = self.base + at
        return start, max(start, self.base + len(chunk[:stop].rstrip("\r"))), words

    def _events(self, parser: Any) -> None:
        next_event = parser.get_event
        frames = self.frames
        base = self.base
        source = self.source
        while True:
            event = next_event()
            kind = type(event)
            if kind is ScalarEvent:
                start = base + event.start_mark.index
                end = base + event.end_mark.index
                self.last_end = end
                self.count += 1
                if frames:
                    frame = frames[-1]
                    if frame.mapping and frame.key is None and event.anchor is None:
                        frame.key = self._key(event.value, Span(source, start, end))
                        continue
                self._deliver(self._scalar(event, start, end))
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                start = base + event.start_mark.index
                self.count += 1
                if len(frames) >= MAX_DEPTH:
                    raise _too_deep(event)
                frame = _Frame(
                    event, start, mapping=kind is MappingStartEvent, before=self.count
                )
                if frame.anchor is not None and not self._is_masked(frame.anchor):
                    self.anchors[frame.anchor] = None
                frames.append(frame)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                frame = frames.pop()
                if frame.flow:
                    self.last_end = base + event.end_mark.index
                self._deliver(self._collection(frame))
            elif kind is AliasEvent:
                self._deliver(self._alias(event))
            elif kind is DocumentEndEvent:
                self.anchors = {}
            elif kind is StreamEndEvent:
                return

    def _deliver(self, value: Value) -> None:
        """Hand a finished node to the collection around it."""
        if not self.frames:
            self.roots.append(value)
            return
        frame = self.frames[-1]
        if not frame.mapping:
            frame.items.append(value)
        elif frame.key is None:
            span = value.span or Span(self.source, self.last_end, self.last_end)
            text = value.data if isinstance(value.data, str) else span.text
            frame.key = (intern(text), span)
        else:
            name, key = frame.key
            frame.key = None
            if name == "<<" and key.text == "<<":
                frame.merges.append((key, value))
                return
            value.key = key  # still ours: nobody has seen it
            before = frame.items.get(name)
            if before is not None:
                value = self._duplicate(name, before, value)
            frame.items[name] = value

    def _key(self, text: str, span: Span) -> tuple[str, Span]:
        """The name of an entry, template actions as they are written."""
        if self.masked is None or self.tokens is None or not self.tokens.search(text):
            return intern(text), span
        index = self.masked.first_from(span.start)
        whole = self.tokens.fullmatch(text) is not None
        for token in self.tokens.findall(text):
            if index < len(self.masked.actions):
                action = self.masked.actions[index]
                if whole:
                    span = Span(self.source, action.start, action.end)
                written = self.source.text[action.start : action.end]
                text = text.replace(token, written, 1)
                index += 1
        return intern(text), span

    def _scalar(self, event: Any, start: int, end: int) -> Value:
        style = event.style
        text = event.value
        data: Any = text
        if style in (None, ""):
            kind = "plain"
            if text in _NULLS and event.tag in (None, _YAML_ORG + "null"):
                data = None
        elif style in "|>":
            kind = "block"
            end = start + len(self.source.text[start:end].rstrip())
        else:
            kind = "quoted"
        span = Span(self.source, start, end)
        if self.tokens is not None and self.tokens.search(text):
            data = self._parts(text, span)
            span = data.span or span
        elif event.tag is not None and event.tag not in _KNOWN_TAGS:
            data = _tagged(event.tag, text, span)
        value = Value(data, span, type=kind)
        if event.anchor is not None:
            if self._is_masked(event.anchor):
                if value.data is None:
                    where = self._action_at(start)
                    value = Value(_unrendered(where), where, type=kind)
            else:
                self.anchors[event.anchor] = (value, 1)
        return value

    def _is_masked(self, anchor: str) -> bool:
        """Whether an anchor stands for a template action."""
        return self.masked is not None and anchor.startswith(ANCHOR)

    def _action_at(self, start: int) -> Span:
        assert self.masked is not None
        index = self.masked.first_from(start)
        if index >= len(self.masked.actions):
            return Span(self.source, start, start)
        action = self.masked.actions[index]
        return Span(self.source, action.start, action.end)

    def _parts(self, text: str, span: Span) -> Unknown:
        """A scalar with template actions: its known and unknown parts."""
        assert self.masked is not None
        assert self.tokens is not None
        parts: list[str | Unknown] = []
        index = self.masked.first_from(span.start)
        at = 0
        for match in self.tokens.finditer(text):
            if match.start() > at:
                parts.append(text[at : match.start()])
            at = match.end()
            if index < len(self.masked.actions):
                action = self.masked.actions[index]
                where = Span(self.source, action.start, action.end)
                index += 1
                if action.kind != "comment":
                    parts.append(_unrendered(where))
        if at < len(text):
            parts.append(text[at:])
        if len(parts) == 1 and isinstance(parts[0], Unknown):
            return parts[0]
        return _unrendered(span)._replace(parts=tuple(parts))

    def _collection(self, frame: _Frame) -> Value:
        span = Span(self.source, frame.start, max(frame.start, self.last_end))
        data: Any = frame.items
        if frame.mapping:
            if frame.merges:
                self._merge(frame)
            if data and self.masked is not None and self._is_insertion(data):
                only = next(iter(data.values()))
                span = only.key or span
                data = _unrendered(span)
        else:
            data = tuple(data)
        if frame.tag is not None and frame.tag not in _KNOWN_TAGS:
            opaque = not frame.mapping or _FUNCTIONS.match(frame.tag)
            if opaque or frame.tag.startswith(_YAML_ORG + "python"):
                data = _tagged(frame.tag, span.text, span)
        if frame.anchor is not None and self._is_masked(frame.anchor):
            return Value(self._with_insertion(frame, data), span)
        value = Value(data, span)
        if frame.anchor is not None:
            size = self.count - frame.before + 1
            self.anchors[frame.anchor] = (value, size)
        return value

    def _with_insertion(self, frame: _Frame, data: Any) -> Any:
        """The collection and what a template puts in front of it."""
        where = self._action_at(frame.start)
        inserted = Value(
            _unrendered(where), where, key=where if frame.mapping else None
        )
        if isinstance(data, dict):
            return {intern(where.text): inserted, **data}
        return data if isinstance(data, Unknown) else (inserted, *data)

    def _is_insertion(self, data: dict[str, Value]) -> bool:
        """Whether the mapping is nothing but one line that a template inserts."""
        return len(data) == 1 and all(
            name.startswith("{{") and value.data is None for name, value in data.items()
        )

    def _alias(self, event: Any) -> Value:
        start = self.base + event.start_mark.index
        end = self.base + event.end_mark.index
        self.last_end = end
        span = Span(self.source, start, end)
        target, size = self._anchored(event.anchor, span)
        if target is None:
            return Value(
                Unknown("bound", "an alias that is not followed", span=span), span
            )
        self.count += size
        anchor = target.span or span
        step = Step(anchor, f"the anchor &{event.anchor}")
        return target.replace(span=span, key=None, trail=(step, *target.trail))

    def _anchored(self, name: str, span: Span) -> tuple[Value | None, int]:
        """The anchored node and its size; None when following it is refused."""
        if name in self.anchors and self.anchors[name] is None:
            self._note("bound", f"the alias *{name} lies in its own anchor", span)
            return None, 1
        known = self.anchors.get(name)
        if known is None:  # libyaml's parser leaves this to the composer
            raise _undefined(name, span, self.base)
        self.repeated += known[1]
        if self.repeated > MAX_REPEATED:
            words = f"aliases repeat more than {MAX_REPEATED:,} nodes"
            if not any(note.text == words for note in self.notes):
                self._note("bound", words, span)
            return None, 1
        return known

    def _merge(self, frame: _Frame) -> None:
        """Bring in what merge keys name; what is written here wins, the first after."""
        items = frame.items
        for key, value in frame.merges:
            listed = value.elements() or (value,)
            for one in listed:
                if isinstance(one.data, Unknown):
                    items.setdefault("<<", one.replace(key=key))
                    continue
                where = one.span or key
                for name, entry in one.items():
                    if name not in items:
                        step = Step(where, f"merged through <<: {where.text[:80]}")
                        items[name] = entry.replace(trail=(step, *entry.trail))

    def _duplicate(self, name: str, before: Value, value: Value) -> Value:
        """The last wins, as in PyYAML and Kubernetes; in a template either may be there."""
        if self.masked is not None:
            if before.data == value.data and isinstance(value.data, str | None):
                return before
            unknown = Unknown(
                "template",
                f"{name} is set in more than one branch of a template",
                possible=(before, value),
                span=value.span,
            )
            return Value(unknown, value.span, key=value.key)
        first = before.key or before.span
        key = value.key
        assert first is not None
        assert key is not None
        words = f"the key {name} is set twice; line {first.line} is overridden here"
        self._note("duplicate-key", words, key, incomplete=False)
        return value.replace(
            trail=(*value.trail, Step(first, "overridden: set before"))
        )

    def _note(
        self, kind: str, words: str, span: Span, *, incomplete: bool = True
    ) -> None:
        if len(self.notes) >= MAX_NOTES:
            told = any(note.incomplete for note in self.notes)
            if len(self.notes) > MAX_NOTES and (told or not incomplete):
                return
            words = f"{words}; there is more to say of this document than is listed"
        path = self.source.path
        self.notes.append(Note(kind, words, path, span, incomplete=incomplete))


class RefusedError(YAMLError):
    """A document that is not read on, in the shape of the parser's own errors."""

    def __init__(self, problem: str, mark: Any) -> None:
        super().__init__(problem)
        self.problem = problem
        self.problem_mark = mark


class _Mark:
    __slots__ = ("index",)

    def __init__(self, index: int) -> None:
        self.index = index


def _too_deep(event: Any) -> RefusedError:
    return RefusedError(f"nested deeper than {MAX_DEPTH}", event.start_mark)


def _undefined(name: str, span: Span, base: int) -> RefusedError:
    return RefusedError(
        f"the alias *{name} has no anchor before it", _Mark(span.start - base)
    )


def _unrendered(span: Span) -> Unknown:
    written = " ".join(span.text.split())[:200]
    return Unknown("template", f"{written} is not rendered", name=written, span=span)


def _tagged(tag: str, text: str, span: Span) -> Unknown:
    written = f"{tag.replace(_YAML_ORG, '!!')} {' '.join(text.split())[:120]}".strip()
    return Unknown("template", f"{written} is not evaluated", name=written, span=span)
