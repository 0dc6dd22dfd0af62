"""A small, safe shell reader: which commands a script holds, with which words.

Variables, exports, arrays, defaults, pipes, loops, branches, functions and scripts in
strings (`bash -c`, here-documents given to a shell) are followed; nothing is run and
nothing outside the text is read. A word whose value is not certain is an Unknown that
keeps its known parts. Every word keeps the span of its token, and a word that came
through variables keeps them as trail.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsec_lint.lower.jobs.shell_commands import Command, Redirect, Script
from mlsec_lint.lower.jobs.shell_scope import Frame, Scope
from mlsec_lint.lower.jobs.shell_values import (
    MAX_WORD,
    MAX_WORDS,
    as_word,
    body_script,
    cut,
    default_of,
    is_list,
    is_text,
    joined,
    merged,
    spaced,
    split_words,
    too_long,
)
from mlsec_lint.lower.jobs.shell_words import Segment, Token, tokens
from mlsec_lint.patterns import regex
from mlsec_lint.source import Note, Source, Span
from mlsec_lint.value import Step, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Files = Callable[[Value], Source | None]

#: Bounds: past them the rest of the script is noted as not read.
MAX_TEXT = 512_000
MAX_COMMANDS = 5_000
MAX_DEPTH = 6
MAX_EXPANDED = 8_000_000  # characters, all words together

_ASSIGNMENT = regex(r"([A-Za-z_][A-Za-z0-9_]*)(\+?)=", re.DOTALL)
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_]*")
_DECLARES = frozenset({"export", "declare", "typeset", "local", "readonly"})
_SKIPPED = frozenset({"then", "do", "else", "!", "{", "time", "coproc"})
_OPENS = {"if": "if", "for": "loop", "select": "loop", "while": "loop"}
_OPENS |= {"until": "loop", "case": "case", "{": "group"}
_CLOSES = {"fi": "if", "done": "loop", "esac": "case", "}": "group"}
_ENDS = frozenset({"\n", ";", "&", "&&", "||", "|", "|&", ";;", ";&", ";;&"})


def read_script(
    source: Source,
    environment: Mapping[str, Value] | None = None,
    *,
    start: int = 0,
    end: int | None = None,
    files: Files | None = None,
) -> Script:
    """Read the shell text `source.text[start:end]`, started with an environment.

    `files` gives the text that a sourced path means, or None.
    """
    given = {name: as_word(v) for name, v in (environment or {}).items()}
    script = Script(source, base=given)
    stop = len(source.text) if end is None else end
    if stop - start > MAX_TEXT:
        script.notes.append(_bound(source, start, "the script is too long"))
        stop = start + MAX_TEXT
    reader = _Reader(script, files)
    reader.read(source, start, stop)
    script.variables = reader.scope.variables
    script.log = reader.scope.log
    return script


def _bound(source: Source, at: int, why: str) -> Note:
    span = Span(source, at, min(at + 1, len(source.text)))
    text = f"{why}: the rest of it was not read"
    return Note("script-bound", text, span.path, span, incomplete=True)


class _Reader:
    """Tokens to commands, with the variables as they stand at each of them."""

    def __init__(self, script: Script, files: Files | None = None) -> None:
        self.script = script
        self.files = files
        self.source = script.source
        self.scope = Scope(script.base)
        self.command = Command()
        self.piped = False
        self.heredocs: list[Command] = []
        self.depth = 0
        self.budget = MAX_EXPANDED

    def read(self, source: Source, start: int, end: int) -> None:
        found = tokens(source.text, start, end)
        at = 0
        while at < len(found):
            if len(self.script.commands) >= MAX_COMMANDS:
                note = _bound(source, found[at].start, "the script has many commands")
                if not self.script.notes:
                    self.script.notes.append(note)
                break
            at = self.take(found, at)
        self.finish()

    def nested(self, source: Source, start: int, end: int) -> None:
        """Read a text as a subshell of where the reader stands."""
        level = len(self.scope.frames)
        self.scope.push("subshell")
        self.scope.frames[-1].conditional = self.scope.conditional()
        self.inside(source, start, end)
        while len(self.scope.frames) > level:
            self.scope.pop()

    def inside(self, source: Source, start: int, end: int) -> None:
        """Read another text; constructs that it leaves open end with it."""
        saved = self.source, self.command, self.piped, self.heredocs
        self.source, self.command, self.piped, self.heredocs = (
            source,
            Command(),
            False,
            [],
        )
        self.depth += 1
        level = len(self.scope.frames)
        self.read(source, start, end)
        while len(self.scope.frames) > level:
            self.scope.pop()
        self.depth -= 1
        self.source, self.command, self.piped, self.heredocs = saved

    # -- tokens ---------------------------------------------------------------

    def take(self, found: list[Token], at: int) -> int:
        token = found[at]
        frame = self.scope.frames[-1] if self.scope.frames else None
        if frame is not None and frame.pattern:
            self.pattern(frame, token)
        elif token.kind == "operator":
            return self.operator(found, at)
        elif token.kind == "redirect":
            return self.redirect(found, at)
        elif token.kind == "heredoc":
            if self.heredocs:
                owner = self.heredocs.pop(0)
                owner.heredoc = Span(self.source, token.start, token.end)
                owner.quoted = token.text == "quoted"
                if "#SBATCH" in owner.heredoc.text:
                    owner.variables = dict(self.scope.variables)
                self.nested_heredoc(owner)
        elif token.kind == "array":
            self.array(token)
        else:
            return self.word(found, at)
        return at + 1

    def pattern(self, frame: Frame, token: Token) -> None:
        if token.kind == "operator" and token.text == ")":
            frame.pattern = False
            self.scope.branch(frame)
        elif token.literal() == "esac":
            self.scope.pop()

    def operator(self, found: list[Token], at: int) -> int:
        text = found[at].text
        if text == "(":
            follows = found[at + 1] if at + 1 < len(found) else None
            if len(self.command.words) == 1 and follows and follows.text == ")":
                self.command = Command()
                self.scope.push("function")
                return at + 2
            self.finish()
            self.scope.push("subshell")
        elif text == ")":
            self.finish()
            self.scope.close("subshell")
        elif text in _ENDS:
            if self.finish() or text != "\n":
                self.piped = text in ("|", "|&")
            if text.startswith(";") and len(text) > 1:
                self.next_case()
        return at + 1

    def next_case(self) -> None:
        for frame in reversed(self.scope.frames):
            if frame.kind == "case":
                frame.pattern = True
                return

    def redirect(self, found: list[Token], at: int) -> int:
        operator = found[at].text
        if operator in ("<<", "<<-"):
            self.heredocs.append(self.command)
            return at + 1
        if at + 1 < len(found) and found[at + 1].kind == "word":
            target = self.expand_one(found[at + 1])
            self.command.redirects.append(Redirect(operator, target))
            return at + 2
        return at + 1

    def word(self, found: list[Token], at: int) -> int:
        token = found[at]
        command = self.command
        literal = token.literal()
        if not command.words and literal is not None:
            if literal == "[[":
                return self.skip_test(found, at + 1)
            if not command.assignments and self.reserved(literal, found, at):
                return (
                    at + 1
                    if literal not in ("for", "select", "case")
                    else self.head(literal, found, at + 1)
                )
        if not command.words or command.name() in _DECLARES:
            assigned = self.assignment(token)
            if assigned is not None:
                command.assignments.append(assigned)
                self.widen(token)
                return at + 1
        room = MAX_WORDS - len(command.words)
        command.words.extend(self.expand(token)[: max(room, 0)])
        self.widen(token)
        return at + 1

    def skip_test(self, found: list[Token], at: int) -> int:
        while at < len(found):
            if found[at].literal() == "]]":
                return at + 1
            if found[at].kind == "operator" and found[at].text in ("\n", ";"):
                return at
            at += 1
        return at

    def reserved(self, word: str, found: list[Token], at: int) -> bool:
        if word in _OPENS:
            self.scope.push(_OPENS[word])
            return True
        if word in _CLOSES:
            self.scope.close(_CLOSES[word])
            return True
        if word in ("then", "else", "elif"):
            frame = self.scope.frames[-1] if self.scope.frames else None
            if frame is not None and frame.kind == "if":
                frame.complete = word == "else"
                if word != "elif":
                    self.scope.branch(frame)
            return True
        if word == "function":
            follows = found[at + 1].literal() if at + 1 < len(found) else None
            if follows is not None:
                return True
        return word in _SKIPPED

    def head(self, word: str, found: list[Token], at: int) -> int:
        """`for x in a b`, `case w in`: the words up to `do` or `in`."""
        words: list[Value] = []
        name = ""
        while at < len(found):
            token = found[at]
            literal = token.literal()
            at += 1
            if token.kind == "operator" and token.text in ("\n", ";"):
                break
            if word == "case":
                if literal == "in":
                    self.scope.frames[-1].pattern = True
                    break
                continue
            if not name:
                name = literal or "?"
            elif literal == "do":
                break
            elif literal != "in" and token.kind == "word":
                words.extend(self.expand(token)[:MAX_WORDS])
        if word != "case" and _NAME.fullmatch(name):
            self.scope.assign(name, self.one_of(name, words), logged=False)
        return at

    def one_of(self, name: str, words: list[Value]) -> Value:
        if len(words) == 1:
            return words[0]
        known = tuple(words) if words and all(is_text(w) for w in words) else None
        why = f"${name} runs over several words"
        span = words[0].span if words else None
        kind = "each" if known is not None else "environment"
        return Value(Unknown(kind, why, name, possible=known), span)

    def widen(self, token: Token) -> None:
        span = Span(self.source, token.start, token.end)
        command = self.command
        command.span = span if command.span is None else command.span.to(span)

    # -- variables ------------------------------------------------------------

    def assignment(self, token: Token) -> tuple[str, Value] | None:
        first = token.segments[0] if token.segments else None
        if first is None or first.kind != "text" or first.quoted:
            return None
        match = _ASSIGNMENT.match(first.text)
        if match is None:
            return None
        rest = first.text[match.end() :]
        skip = len(first.text) - len(rest)
        head = Segment("text", rest, first.start + skip, first.end)
        segments = ((head,) if rest else ()) + token.segments[1:]
        start = first.start + skip
        key = Span(self.source, first.start, first.start + match.end(1))
        value = self.join(segments, Span(self.source, start, token.end))
        if match[2]:
            value = self.appended(match[1], value)
        return match[1], value.replace(key=key)

    def appended(self, name: str, value: Value) -> Value:
        before = self.scope.variables.get(name)
        if before is None or not (is_text(before) and is_text(value)):
            return value if before is None else merged(name, [before, value])
        return self.charged(joined([before, value], value.span))

    def array(self, token: Token) -> None:
        name = token.text.rstrip("+=")
        elements: list[Value] = []
        if token.text.endswith("+="):
            before = self.scope.variables.get(name)
            elements.extend(before.elements() if before is not None else ())
        for word in token.elements:
            elements.extend(self.expand(word))
        span = Span(self.source, token.start, token.end)
        value = Value(tuple(elements[:MAX_WORDS]), span)
        self.command.assignments.append((name, value))

    # -- commands -------------------------------------------------------------

    def finish(self) -> bool:
        """Put the command away; False when there is none."""
        command = self.command
        if not command.words and not command.assignments:
            return False
        self.command = Command()
        name = command.name()
        if not command.words or name in _DECLARES:
            for variable, value in command.assignments:
                self.scope.assign(variable, value)
                if name == "export" or (name and _has_x(command)):
                    self.scope.export(variable)
            if name in ("export", "declare", "typeset"):
                self.export_words(command)
            return True
        if name == "set" and any(w.data == "-a" for w in command.words):
            self.scope.all_exported = True
        command.piped, self.piped = self.piped, False
        command.branch = self.scope.conditional()
        command.exports = len(self.scope.log)
        self.script.commands.append(command)
        if name in ("read", "unset", "mapfile", "readarray"):
            self.forget(command)
        elif name in ("source", ".") and len(command.words) > 1:
            self.included(command.words[1])
        return True

    def included(self, word: Value) -> None:
        """`source FILE`: its text is read as if it stood here."""
        source = self.files(word) if self.files is not None else None
        if source is None or self.depth >= MAX_DEPTH:
            return
        self.budget -= len(source.text)
        if self.budget < 0 or len(source.text) > MAX_TEXT:
            self.script.notes.append(_bound(source, 0, "much text is sourced"))
            return
        self.script.sourced.append(source)
        self.inside(source, 0, len(source.text))

    def export_words(self, command: Command) -> None:
        if command.name() == "export" or _has_x(command):
            for word in command.words[1:]:
                if isinstance(word.data, str) and _NAME.fullmatch(word.data):
                    self.scope.export(word.data)

    def forget(self, command: Command) -> None:
        for word in command.words[1:]:
            if isinstance(word.data, str) and _NAME.fullmatch(word.data):
                why = f"${word.data} is read or unset by the script"
                unknown = Unknown("environment", why, word.data)
                self.scope.assign(word.data, Value(unknown, word.span))

    def nested_heredoc(self, owner: Command) -> None:
        """A here-document that is a shell's script is read as one."""
        body = owner.heredoc
        if body is None or self.depth >= MAX_DEPTH:
            return
        if owner.name() in ("bash", "sh", "zsh", "dash", "ksh") and not any(
            w.data == "-c" for w in owner.words
        ):
            inner = body_script(body, quoted=owner.quoted)
            self.nested(inner, 0, len(inner.text))

    # -- words ----------------------------------------------------------------

    def expand_one(self, token: Token) -> Value:
        return self.join(token.segments, Span(self.source, token.start, token.end))

    def expand(self, token: Token) -> list[Value]:
        """The words a token stands for: arrays and unquoted variables split."""
        span = Span(self.source, token.start, token.end)
        if len(token.segments) == 1:
            only = token.segments[0]
            if only.kind == "array":
                value = self.scope.variables.get(only.text)
                if value is not None and is_list(value):
                    self.budget -= len(value.data) * 8
                    return list(value.data) if self.budget > 0 else [too_long(span)]
            if only.kind == "variable" and not only.quoted:
                return split_words(self.join(token.segments, span))
        return [self.join(token.segments, span)]

    def join(self, segments: tuple[Segment, ...], span: Span) -> Value:
        return self.charged(joined([self.part(s) for s in segments], span))

    def charged(self, value: Value) -> Value:
        """The value, while the budget of expanded text lasts."""
        if isinstance(value.data, str):
            self.budget -= len(value.data)
            if self.budget < 0 or len(value.data) > MAX_WORD:
                return too_long(value.span)
        return value

    def part(self, segment: Segment) -> Value:
        span = Span(self.source, segment.start, segment.end)
        if segment.kind == "text":
            return Value(segment.text, span)
        if segment.kind == "commands":
            if self.depth < MAX_DEPTH:
                self.nested(self.source, segment.start, segment.end)
            why = "what a command prints is known only when it runs"
            return Value(Unknown("environment", why, span=span), span)
        if segment.kind == "opaque":
            why = f"{segment.text} is known only when the script runs"
            return Value(Unknown("environment", why, span=span), span)
        return self.variable(segment, span)

    def variable(self, segment: Segment, span: Span) -> Value:
        name = segment.text
        value = self.scope.variables.get(name)
        if value is not None and is_list(value):
            if segment.kind == "array" or not value.data:
                return spaced(list(value.data), span)
            value = value.data[0]
        if segment.operator in (":+", "+"):
            default = self.join(segment.default, span)
            return Value("", span) if value is None else default
        if segment.operator[:1] in tuple("%#,^") and value is not None:
            return self.shortened(value, segment, span)
        if value is None and segment.operator in (":-", "-", ":=", "="):
            likely = default_of(name, self.join(segment.default, span), span)
            if segment.operator.endswith("="):
                self.scope.assign(name, likely)
            return likely
        if value is None:
            why = f"${name} is not set in the script"
            return Value(Unknown("environment", why, name, span=span), span)
        step = Step(value.span, f"${name} is set here") if value.span else None
        trail = (step, *value.trail) if step and len(value.trail) < 8 else value.trail
        return value.replace(trail=trail)

    def shortened(self, value: Value, segment: Segment, span: Span) -> Value:
        """`${NAME%/}` and the like, of a known text."""
        pattern = self.join(segment.default, span)
        if isinstance(value.data, str) and isinstance(pattern.data, str):
            found = cut(value.data, segment.operator, pattern.data)
            if found is not None:
                trail = value.trail
                if value.span is not None:
                    trail = (Step(value.span, f"${segment.text} is set here"),)
                return self.charged(Value(found, span, trail=trail))
        why = f"an expansion of {segment.text} is known only when the script runs"
        return Value(Unknown("environment", why, span=span), span)


def _has_x(command: Command) -> bool:
    return any(
        isinstance(w.data, str) and w.data.startswith("-") and "x" in w.data
        for w in command.words[1:]
    )
