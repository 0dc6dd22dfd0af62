"""Accepted findings: `# mlsec: ignore RULE-ID reason` in files, exceptions in config.

A suppression needs a reason and may carry `until=YYYY-MM-DD`. One without a reason, one
that ran out and one that nothing needed are notes; the first two accept nothing.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate.wildcards import wildcard
from mlsec_lint.finding import Suppression
from mlsec_lint.patterns import regex
from mlsec_lint.rules.config import parse_date
from mlsec_lint.rules.strict import did_you_mean
from mlsec_lint.source import Note, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping
    from datetime import date

    from mlsec_lint.finding import Finding
    from mlsec_lint.rules.config import Accepted, Config
    from mlsec_lint.rules.grammar import Policies
    from mlsec_lint.source import Source

    History = Callable[[Iterable[str]], Mapping[str, Source]]

_IGNORE = regex(r"(?:^|[\s{}\[\](),;\"'])(?:#+|//+|/\*+)[ \t]*mlsec:[ \t]*ignore\b")
_ALONE = regex(r"\s*(?:#|//|/\*)")
_UNTIL = regex(r"(?:^|\s)until=(\S*)")
_RULE = regex(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_MARK = "mlsec:"
_MOST_CHARACTERS = 500
#: Comment signs stand at most this far before the mark.
_NEAR = 20


class Ignore(NamedTuple):
    """One inline comment: the rules it is for, and the line (from 1) it speaks of."""

    rules: tuple[str, ...]
    reason: str
    until: str
    span: Span
    target: int


class Excuses:
    """The exceptions of a config on one day; remembers which were of use."""

    def __init__(self, config: Config, policies: Policies, today: date) -> None:
        self.accepted = config.exceptions
        self.policies = policies
        self.today = today
        self.used: set[int] = set()

    def __call__(self, finding: Finding) -> Suppression | None:
        """The suppression of a finding by the first exception that covers it."""
        for index, accepted in enumerate(self.accepted):
            if not self._covers(accepted, finding):
                continue
            self.used.add(index)
            if not _over(accepted.until, self.today):
                owner = f" (owner: {accepted.owner})" if accepted.owner else ""
                reason = accepted.reason + owner
                return Suppression("external", reason, accepted.span, accepted.until)
        return None

    def _covers(self, accepted: Accepted, finding: Finding) -> bool:
        rule = self.policies.find(accepted.rule)
        fits = rule is not None and rule.id == finding.rule
        return fits and wildcard(accepted.address, finding.subject)

    def notes(self, active: Container[str]) -> Iterator[Note]:
        """Notes about exceptions for no rule, that ran out or that nothing needed."""
        known = [rule.id for rule in self.policies.rules]
        for index, accepted in enumerate(self.accepted):
            rule = self.policies.find(accepted.rule)
            if rule is None:
                words = f"exception for no known rule {accepted.rule!r}"
                words += did_you_mean(accepted.rule, known)
                yield _note("exception-unknown-rule", words, accepted.span)
            elif _over(accepted.until, self.today):
                words = f"the exception for {rule.id} ran out on {accepted.until}"
                yield _note("exception-expired", words, accepted.span)
            elif index not in self.used and rule.id in active:
                words = f"no finding needs the exception for {rule.id}"
                yield _note("exception-unused", words, accepted.span)


def find_ignores(source: Source, policies: Policies) -> tuple[list[Ignore], list[Note]]:
    """The inline ignores of a file, and notes about those that say too little.

    JSON has no comments and so no ignores.
    """
    found: list[Ignore] = []
    notes: list[Note] = []
    if source.path.endswith(".json"):
        return found, notes
    at = source.text.find(_MARK)
    while at >= 0:
        line = source.position(at)[0]
        text = source.line_text(line)
        column = at - source.line_starts()[line - 1]
        comment = _IGNORE.search(
            text, max(0, column - _NEAR), column + _MOST_CHARACTERS
        )
        if comment is not None:
            start = source.line_starts()[line - 1] + text.index(_MARK, comment.start())
            span = Span(source, start, source.line_starts()[line - 1] + len(text))
            rest = text[comment.end() : comment.end() + _MOST_CHARACTERS]
            ignore = _read(rest, span, policies, notes)
            if ignore is not None:
                found.append(ignore)
        starts = source.line_starts()
        after = starts[line] if line < len(starts) else len(source.text)
        at = source.text.find(_MARK, max(after, at + 1))
    return found, notes


def _read(
    rest: str, span: Span, policies: Policies, notes: list[Note]
) -> Ignore | None:
    """One comment's words after `ignore`; None, with a note, where they do not do."""
    rest = rest.strip().removesuffix("*/").strip()
    until = _UNTIL.search(rest)
    if until is not None:
        rest = (rest[: until.start()] + rest[until.end() :]).strip()
        if parse_date(until[1]) is None:
            words = f"until={until[1][:20]} is no date YYYY-MM-DD: nothing is ignored"
            notes.append(_note("ignore-malformed", words, span))
            return None
    rules, reason = _rules(rest, policies)
    if not rules:
        word = rest.split(maxsplit=1)[0][:80] if rest else ""
        hint = did_you_mean(word, [rule.id for rule in policies.rules])
        words = f"ignores no known rule: {word!r}{hint}"
        notes.append(_note("ignore-unknown-rule", words, span))
        return None
    if not reason:
        words = f"no reason is given: {', '.join(rules)} is not ignored"
        notes.append(_note("ignore-without-reason", words, span))
        return None
    return Ignore(rules, reason, until[1] if until else "", span, _target(span))


def _rules(rest: str, policies: Policies) -> tuple[tuple[str, ...], str]:
    """The known rule ids at the start, divided by commas, and the words after them."""
    rules: list[str] = []
    while True:
        word = _RULE.match(rest)
        rule = policies.find(word[0]) if word else None
        if word is None or rule is None:
            break
        rules.append(rule.id)
        rest = rest[word.end() :].lstrip()
        if not rest.startswith(","):
            break
        rest = rest[1:].lstrip()
    return tuple(rules), rest.lstrip(":- \t")


def _target(span: Span) -> int:
    """The comment's own line where code stands before it, else the line it is above."""
    source, line = span.source, span.source.position(span.start)[0]
    if not _ALONE.match(source.line_text(line)):
        return line
    last = len(source.line_starts())
    while line < last and _ALONE.match(source.line_text(line)):
        line += 1
    return line


def _imprints(source: Source, ignores: Iterable[Ignore]) -> dict[int, bytes]:
    """By target line, a digest of all from the start of its block or document to it.

    A comment that was moved to another block, or whose block says something else before
    it, has another one. In one pass over the lines, however many comments there are.
    """
    is_hcl = source.path.endswith((".tf", ".tofu", ".hcl", ".tfvars"))
    found: dict[int, bytes] = {}
    running, line = sha256(), 1
    for target in sorted({ignore.target for ignore in ignores}):
        while line <= target:
            text = source.line_text(line)
            if text[:1].isalpha() if is_hcl else text.startswith("---"):
                running = sha256()
            running.update(text.encode("utf-8", "surrogatepass") + b"\n")
            line += 1
        found[target] = running.digest()
    return found


class Ignores:
    """The inline comments of some files on one day; remembers which were of use.

    A comment stands on the finding's line, on the line above, or at the header of the
    block in the same two ways. With `past`, which gives the texts of files as of a
    trusted commit, only the comments that were there already accept anything.
    """

    def __init__(
        self,
        sources: Iterable[Source],
        policies: Policies,
        today: date,
        past: History | None = None,
    ) -> None:
        self.today = today
        self.wrong: list[Note] = []
        self.ignores: list[Ignore] = []
        self.used: set[Span] = set()
        self._places: dict[tuple[str, int], list[Ignore]] = {}
        for source in sources:
            found, wrong = find_ignores(source, policies)
            self.wrong.extend(wrong)
            self.ignores.extend(found)
        if past is not None:
            self._trust(past, policies)
        for ignore in self.ignores:
            place = (ignore.span.path, ignore.target)
            self._places.setdefault(place, []).append(ignore)

    def _trust(self, past: History, policies: Policies) -> None:
        """Keep the comments that the history has in the same surroundings."""
        files: dict[str, list[Ignore]] = {}
        for ignore in self.ignores:
            files.setdefault(ignore.span.path, []).append(ignore)
        before = past(files)
        self.ignores = []
        for path, ignores in files.items():
            known: set[bytes] = set()
            if path in before:
                old, _ = find_ignores(before[path], policies)
                known = set(_imprints(before[path], old).values())
            now = _imprints(ignores[0].span.source, ignores)
            for ignore in ignores:
                if now[ignore.target] in known:
                    self.ignores.append(ignore)
                    continue
                words = f"not in the trusted commit: {', '.join(ignore.rules)} is not ignored"
                self.wrong.append(_note("ignore-not-trusted", words, ignore.span))

    def __call__(self, finding: Finding) -> Suppression | None:
        """The suppression of a finding by the first comment that is for it."""
        found: Suppression | None = None
        for ignore in self._at(finding) if self._places else ():
            self.used.add(ignore.span)
            if found is None and not _over(ignore.until, self.today):
                found = Suppression(
                    "inSource", ignore.reason, ignore.span, ignore.until
                )
        return found

    def _at(self, finding: Finding) -> Iterator[Ignore]:
        places = dict.fromkeys(
            (span.path, span.line) for span in (finding.span, finding.header) if span
        )
        for place in places:
            for ignore in self._places.get(place, ()):
                if finding.rule in ignore.rules:
                    yield ignore

    def notes(self, active: Container[str]) -> Iterator[Note]:
        """Notes about comments that say too little, ran out, or nothing needed.

        `active` are the ids of the rules that were judged: a comment for another rule
        is not called unused.
        """
        yield from self.wrong
        for ignore in self.ignores:
            names = ", ".join(ignore.rules)
            if _over(ignore.until, self.today):
                words = f"ran out on {ignore.until}: {names} is not ignored"
                yield _note("ignore-expired", words, ignore.span)
            elif ignore.span not in self.used and any(
                r in active for r in ignore.rules
            ):
                words = f"nothing to ignore here for {names}"
                yield _note("ignore-unused", words, ignore.span)


def _over(until: str, today: date) -> bool:
    last = parse_date(until)
    return last is not None and last < today


def _note(kind: str, words: str, span: Span) -> Note:
    return Note(kind, words, span.path, span)
