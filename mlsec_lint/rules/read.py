"""Rule files into rules, strictly: every error of every file, each with its place.

Facts, kinds and verbs are checked against the estate's tables, so that a misspelt one
is an error with "did you mean" and never a rule that silently does not apply.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mlsec_lint.estate.facts import FACTS, KINDS, FactKind
from mlsec_lint.estate.verbs import VERBS
from mlsec_lint.finding import LEVELS, SEVERITIES
from mlsec_lint.patterns import regex
from mlsec_lint.rules import grammar
from mlsec_lint.rules.read_paths import ENDS, read_find
from mlsec_lint.rules.strict import (
    PolicyError,
    Strict,
    did_you_mean,
    is_list,
    is_mapping,
    is_scalar,
)
from mlsec_lint.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from yaml.nodes import Node

    from mlsec_lint.rules.grammar import Condition, Policies, Rule, Subject, Test

KEYS = (
    "id",
    "title",
    "level",
    "severity",
    "confidence",
    "for each",
    "where",
    "require",
    "find path",
    "unless",
    "unknown",
    "say",
    "fix",
    "why",
    "references",
    "formerly",
    "supersedes",
)
REQUIRED = ("id", "title", "level", "severity", "say", "fix", "why")
#: The keys of a rule about things; one about paths has `find path` instead.
ABOUT_THINGS = ("for each", "require")
TESTS = ("one of", "not", "at least", "at most", "inside", "outside", "matches")
CONFIDENCES = ("high", "medium", "low")
_ID = regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PLACEHOLDER = regex(r"\{([^{}]*)\}")


def read_policies(folders: Iterable[str | Path]) -> tuple[Policies, list[PolicyError]]:
    """All rules under some folders (`<folder>/<area>/<id>/rule.yaml`), and all errors.

    A rule with an error is left out; an id that is taken twice is an error.
    """
    rules: dict[str, Rule] = {}
    errors: list[PolicyError] = []
    names = tuple(str(folder) for folder in folders)
    for folder in names:
        paths = sorted(Path(folder).glob("*/*/rule.yaml"))
        paths += sorted(Path(folder).glob("*/rule.yaml"))
        if not paths:
            errors.append(PolicyError(folder, 1, 1, "no <area>/<id>/rule.yaml in here"))
        for path in paths:
            rule, wrong = read_file(path)
            if rule is not None and rule.id in rules:
                words = f"the id {rule.id!r} is taken by {rules[rule.id].path}"
                wrong.append(PolicyError(str(path), 1, 1, words))
            elif rule is not None:
                rules[rule.id] = rule
            errors.extend(wrong)
    errors.extend(_taken(rules))
    ordered = sorted(rules.values(), key=lambda rule: (rule.area, rule.id))
    return grammar.Policies(tuple(ordered), names), errors


def _taken(rules: Mapping[str, Rule]) -> Iterable[PolicyError]:
    for rule in rules.values():
        for name in rule.formerly:
            if name in rules:
                words = f"the former id {name!r} is the id of {rules[name].path}"
                yield PolicyError(rule.path, 1, 1, words)


def read_file(path: str | Path) -> tuple[Rule | None, list[PolicyError]]:
    """The rule of one file, or None and what is wrong with it."""
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as wrong:
        return None, [PolicyError(str(path), 1, 1, f"cannot be read: {wrong}")]
    folder = path.resolve().parent
    source = Source(path.as_posix(), text)
    return read_rule(source, folder=folder.name, area=folder.parent.name)


def read_rule(
    source: Source, *, folder: str = "", area: str = ""
) -> tuple[Rule | None, list[PolicyError]]:
    """The rule that a text states, or None and what is wrong with it.

    `folder` is the name of the rule's folder, which must be its id ("" where the text
    has none).
    """
    strict = Strict(source)
    node = strict.document()
    if node is None:
        if not strict.errors:
            strict.error(None, "a rule must be a mapping")
        return None, strict.errors
    rule = _Reader(strict).rule(node, folder, area)
    return (None if strict.errors else rule), strict.errors


class _Reader:
    """Reads one rule; errors go to `strict`."""

    def __init__(self, strict: Strict) -> None:
        self.strict = strict

    def rule(self, node: Node, folder: str, area: str) -> Rule:
        strict = self.strict
        paths = is_mapping(node) and any(k.value == "find path" for k, _ in node.value)
        required = REQUIRED if paths else (*REQUIRED, *ABOUT_THINGS)
        found = strict.mapping(node, "a rule", KEYS, required)
        self._either_form(found, paths=paths)
        words = {
            key: strict.text(found[key], f"`{key}`") if key in found else ""
            for key in ("title", "fix", "why")
        }
        subjects = self.subjects(found.get("for each"))
        find = read_find(strict, found.get("find path"))
        kinds = tuple(subject.kind for subject in subjects)
        kinds = ("store",) if paths else kinds
        return grammar.Rule(
            id=self.identity(found.get("id"), folder),
            **words,
            level=self.word(found, "level", LEVELS, "SL1"),
            severity=self.word(found, "severity", SEVERITIES, "info"),
            confidence=self.word(found, "confidence", CONFIDENCES, "high"),
            unknown=self.word(found, "unknown", tuple(grammar.UNKNOWN_CODES), "U1"),
            area=area,
            subjects=subjects,
            where=self.conditions(found.get("where"), kinds, "`where`"),
            require=self.conditions(found.get("require"), kinds, "`require`"),
            find=find,
            unless=self.unless(found.get("unless")),
            say=self.say(found, kinds, paths=paths),
            references=self.texts(found, "references"),
            formerly=self.texts(found, "formerly"),
            supersedes=self.texts(found, "supersedes"),
            path=strict.source.path,
            span=strict.span(found["id"]) if "id" in found else None,
        )

    def _either_form(self, found: Mapping[str, Node], *, paths: bool) -> None:
        """A rule is about things or about paths, and has no keys of the other."""
        for key in ABOUT_THINGS if paths else ("unless",):
            if key in found:
                words = "takes the place of it" if paths else "needs `find path`"
                lead = "`find path` " if paths else ""
                self.strict.error(found[key], f"`{key}`: {lead}{words}")

    def unless(self, node: Node | None) -> tuple[grammar.HopTest, ...]:
        """What excuses a path: facts of things on it, each of which is enough."""
        if node is None:
            return ()
        found: list[grammar.HopTest] = []
        for item in self.strict.items(node, "`unless`"):
            for key, value in self.strict.pairs(item, "a condition"):
                start, _, rest = str(key.value).partition(".")
                kind, _, name = rest.partition(".")
                if start != "hop" or not name:
                    self.strict.error(key, f"`hop.KIND.FACT`, not {key.value!r}")
                elif self.known(key, kind, FACTS, "kind of thing"):
                    condition = self.fact_test(key, name, value, (kind,))
                    if condition is not None:
                        found.append(grammar.HopTest(kind, condition))
        return tuple(found)

    def identity(self, node: Node | None, folder: str) -> str:
        if node is None:
            return ""
        text = self.strict.text(node, "`id`")
        if text and not _ID.fullmatch(text):
            self.strict.error(node, f"an id is lower-case words and -, not {text!r}")
        elif text and folder and text != folder:
            self.strict.error(node, f"the rule's folder must be named {text!r}")
        return text

    def word(
        self, found: Mapping[str, Node], key: str, known: tuple[str, ...], default: str
    ) -> str:
        if key not in found:
            return default
        return self.strict.word(found[key], f"`{key}`", known) or default

    def texts(self, found: Mapping[str, Node], key: str) -> tuple[str, ...]:
        return self.strict.texts(found[key], f"`{key}`") if key in found else ()

    def subjects(self, node: Node | None) -> tuple[Subject, ...]:
        if node is None:
            return ()
        found: list[Subject] = []
        for item in node.value if is_list(node) else [node]:
            text = self.strict.text(item, "`for each`")
            weights, kind = text.startswith("weight "), text.removeprefix("weight ")
            if not text or not self.known(item, kind, FACTS, "kind of thing"):
                continue
            if any(subject.kind == kind for subject in found):
                self.strict.error(item, f"{kind!r} is chosen twice")
            found.append(grammar.Subject(kind, weights))
        if is_list(node) and not node.value:
            self.strict.error(node, "`for each` names no kind")
        return tuple(found)

    def known(
        self, node: Node, word: str, table: Mapping[str, object], what: str
    ) -> bool:
        if word in table:
            return True
        self.strict.error(node, f"no such {what} {word!r}{did_you_mean(word, table)}")
        return False

    def conditions(
        self, node: Node | None, kinds: tuple[str, ...], what: str
    ) -> tuple[Condition, ...]:
        if node is None:
            return ()
        found: list[Condition] = []
        items = self.strict.items(node, what)
        if is_list(node) and not items:
            self.strict.error(node, f"{what} is empty")
        for item in items:
            pairs = list(self.strict.pairs(item, "a condition"))
            if len(pairs) > 1:
                self.strict.error(pairs[1][0], "one condition per list item, with `-`")
            if is_mapping(item) and not pairs:
                self.strict.error(item, "an empty condition")
            for key, value in pairs:
                condition = self.condition(key, value, kinds)
                if condition is not None:
                    found.append(condition)
        return tuple(found)

    def condition(
        self, key: Node, value: Node, kinds: tuple[str, ...]
    ) -> Condition | None:
        name = str(key.value)
        if name in ("any of", "all of"):
            inner = self.conditions(value, kinds, f"`{name}`")
            return grammar.AnyOf(inner) if name == "any of" else grammar.AllOf(inner)
        if name.startswith(("each ", "some ")):
            return self.relation(key, value, kinds)
        return self.fact_test(key, name, value, kinds)

    def fact_test(
        self, key: Node, name: str, value: Node, kinds: tuple[str, ...]
    ) -> grammar.FactTest | None:
        declared = self.fact(key, name, kinds)
        test = None if declared is None else self.test(value, name, declared)
        return None if test is None else grammar.FactTest(name, test)

    def relation(
        self, key: Node, value: Node, kinds: tuple[str, ...]
    ) -> Condition | None:
        quantifier, _, rest = str(key.value).partition(" ")
        verb, _, kind = rest.strip().rpartition(" ")
        if not verb:
            self.strict.error(key, f"`{quantifier} VERB KIND`, not {key.value!r}")
            return None
        fine = self.known(key, kind, KINDS, "kind of thing")
        if not self.known(key, verb, VERBS, "verb") or not fine:
            return None
        meaning, starts, ends = VERBS[verb]
        wrong = [name for name in kinds if name not in starts]
        if wrong or kind not in ends:
            words = (
                f"`{verb}` ({meaning}) leads from {_either(starts)} to {_either(ends)}"
            )
            at = f", not from {wrong[0]!r}" if wrong else f", not to {kind!r}"
            self.strict.error(key, words + at)
            return None
        inner = self.conditions(value, (kind,), f"`{key.value}`")
        make = grammar.Each if quantifier == "each" else grammar.Some
        return make(verb, kind, inner)

    def fact(self, node: Node, name: str, kinds: tuple[str, ...]) -> FactKind | None:
        """The declaration of a fact that each of the kinds must have."""
        declared: FactKind | None = None
        for kind in kinds:
            other = FACTS[kind].get(name)
            if other is None:
                hint = did_you_mean(name, FACTS[kind])
                self.strict.error(node, f"a {kind} has no fact {name!r}{hint}")
                return None
            if declared is not None and declared.type != other.type:
                words = f"{name!r} is {declared.type} for {kinds[0]}, {other.type} for "
                self.strict.error(node, words + kind)
                return None
            declared = declared or other
        return declared

    def test(self, node: Node, fact: str, declared: FactKind) -> Test | None:
        if not is_mapping(node):
            value = self.value(node, fact, declared)
            return None if value is None else grammar.Is(value)
        pairs = node.value
        if len(pairs) != 1:
            self.strict.error(node, "a test has one key: " + _either(TESTS))
            return None
        key, value_node = pairs[0]
        if not self.known(key, str(key.value), dict.fromkeys(TESTS), "test"):
            return None
        return self.named_test(str(key.value), key, value_node, fact, declared)

    def named_test(
        self, name: str, key: Node, node: Node, fact: str, declared: FactKind
    ) -> Test | None:
        takes = {
            "one of": ("text", "number", "bool"),
            "at least": ("number",),
            "at most": ("number",),
            "inside": ("text", "texts"),
            "outside": ("text", "texts"),
            "matches": ("text",),
        }.get(name, (declared.type,))
        if declared.type not in takes:
            words = f"`{name}` is for {_either(takes)}; {fact!r} is {declared.type}"
            self.strict.error(key, words)
            return None
        match name:
            case "not":
                inner = self.test(node, fact, declared)
                return None if inner is None else grammar.Not(inner)
            case "one of":
                items = self.strict.items(node, "`one of`")
                values = [self.value(item, fact, declared) for item in items]
                if is_list(node) and not items:
                    self.strict.error(node, "`one of` is empty")
                return grammar.OneOf(tuple(v for v in values if v is not None))
            case "at least":
                return grammar.AtLeast(self.limit(node, "`at least`"))
            case "at most":
                return grammar.AtMost(self.limit(node, "`at most`"))
            case "matches":
                return self.pattern(node)
            case _:
                members = self.members(node, name, declared)
                make = grammar.Inside if name == "inside" else grammar.Outside
                return make(members)

    def limit(self, node: Node, what: str) -> int | str:
        """A number, or the name of a limit of the baseline."""
        text = str(node.value).strip() if is_scalar(node) else ""
        return text if _ID.fullmatch(text) else self.strict.number(node, what)

    def members(
        self, node: Node, what: str, declared: FactKind
    ) -> str | tuple[str, ...]:
        """The name of a list of the baseline, or the members of one written here."""
        if not is_list(node):
            return self.strict.text(node, f"`{what}`")
        if declared.values:
            return tuple(
                self.strict.word(item, f"`{what}`", declared.values)
                for item in node.value
            )
        return self.strict.texts(node, f"`{what}`")

    def pattern(self, node: Node) -> Test | None:
        import re2

        text = self.strict.text(node, "`matches`")
        try:
            re2.compile(text)
        except re2.error as wrong:
            self.strict.error(node, f"not an RE2 expression: {wrong}")
            return None
        return grammar.Matches(text)

    def value(self, node: Node, fact: str, declared: FactKind) -> grammar.Scalar | None:
        """A scalar by the declared type of its fact."""
        what = f"`{fact}`"
        if declared.type == "texts":
            self.strict.error(node, f"{what} is a set: use `inside` or `outside`")
            return None
        if declared.type == "bool":
            return self.strict.truth(node, what)
        if declared.type == "number":
            return self.strict.number(node, what)
        if declared.values:
            return self.strict.word(node, what, declared.values)
        return self.strict.text(node, what)

    def say(
        self, found: Mapping[str, Node], kinds: tuple[str, ...], *, paths: bool
    ) -> dict[str, str]:
        node = found.get("say")
        if node is None:
            return {}
        reached = _reached(found.get("require"), kinds)
        if paths:
            reached = (*reached, *ENDS)
        if not is_mapping(node):
            return {"": self.message(node, kinds, reached)}
        said: dict[str, str] = {}
        for key, value in self.strict.pairs(node, "`say`"):
            owners = [kind for kind in reached if key.value in FACTS[kind]]
            if not owners:
                hint = did_you_mean(key.value, [f for k in reached for f in FACTS[k]])
                self.strict.error(key, f"no fact {key.value!r} is judged here{hint}")
            said[key.value] = self.message(value, kinds, reached)
        return said

    def message(
        self, node: Node, kinds: tuple[str, ...], reached: tuple[str, ...]
    ) -> str:
        text = self.strict.text(node, "`say`")
        for place in _PLACEHOLDER.findall(text):
            name, _, fact = place.partition(".")
            of = kinds if name == "thing" else (name,)
            if name != "thing" and name not in reached:
                hint = did_you_mean(name, ("thing", *reached))
                self.strict.error(node, f"nothing named {name!r} here{hint}")
            elif name in ENDS and fact:
                self.strict.error(node, f"{name!r} of a path has no facts")
            elif fact:
                self.fact(node, fact, of)
        if _PLACEHOLDER.sub("", text).strip("{}") != _PLACEHOLDER.sub("", text):
            self.strict.error(node, "braces only around {thing} or {thing.fact}")
        return text


def _reached(require: Node | None, kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The kinds whose facts a message may show: the subjects and what edges lead to."""
    found = list(kinds)
    waiting = [require] if require is not None else []
    while waiting:
        node = waiting.pop()
        if is_list(node):
            waiting.extend(node.value)
        elif is_mapping(node):
            for key, value in node.value:
                words = str(key.value).split()
                if words and words[0] in ("each", "some") and words[-1] in FACTS:
                    found.append(words[-1])
                waiting.append(value)
    return tuple(dict.fromkeys(found))


def _either(words: Iterable[str]) -> str:
    return " or ".join(words)
