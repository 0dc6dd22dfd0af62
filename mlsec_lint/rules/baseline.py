"""Baselines: which rules count, how severe they are, and the lists they ask.

A baseline file extends another one; the four that ship are named "after RAND" and say
what config cannot show about that level. Lists of countries come from the named, dated
groups of `policies/data/groups.json`.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.estate import places, tables
from mlsec_lint.finding import LEVELS, SEVERITIES
from mlsec_lint.rules.grammar import limit_names, list_names
from mlsec_lint.rules.strict import (
    MAX_CHARACTERS,
    PolicyError,
    Strict,
    did_you_mean,
    is_list,
    is_mapping,
    is_scalar,
)
from mlsec_lint.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from yaml.nodes import Node

    from mlsec_lint.rules.grammar import Policies, Rule

KEYS = (
    "id",
    "title",
    "extends",
    "level",
    "unknown",
    "severity",
    "with",
    "without",
    "lists",
    "limits",
    "cannot see",
    "references",
)
#: What an undecided rule is worth, from least to most.
UNKNOWN_LEVELS = ("silent", "note", "warning", "error")
DEFAULT = "SL2"
_MOST_PARENTS = 8
#: No text of MAX_CHARACTERS is longer.
_MAX_BYTES = 4 * MAX_CHARACTERS


class NamedList(NamedTuple):
    """A list of a baseline.

    `anything` is a list that does not limit: a test that asks it does not apply.
    `as_of` dates the groups in it, "" where somebody wrote the members.
    """

    members: tuple[str, ...] = ()
    anything: bool = False
    as_of: str = ""


class ListChange(NamedTuple):
    """What a file says about a list: whole new members, or a change of those there."""

    base: NamedList | None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    def applied(self, inherited: NamedList | None) -> NamedList:
        """The list that results."""
        found = self.base or inherited or NamedList()
        if not self.add and not self.remove:
            return found
        kept = [m for m in (*found.members, *self.add) if m not in self.remove]
        return found._replace(members=tuple(dict.fromkeys(kept)), anything=False)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a scan is held to.

    * `level`: rules up to it count; `extra` and `without` are exceptions to that;
    * `unknown`: what an undecided rule is worth (UNKNOWN_LEVELS);
    * `severity`: overrides by rule id;
    * `lists`: by name; every list that a rule asks is there;
    * `limits`: numbers by name, None for one that does not limit; likewise;
    * `cannot_see`: what the level asks for and no config shows.
    """

    id: str = DEFAULT
    title: str = ""
    level: str = "SL2"
    unknown: str = "note"
    severity: Mapping[str, str] = field(default_factory=dict)
    extra: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    lists: Mapping[str, NamedList] = field(default_factory=dict)
    limits: Mapping[str, int | None] = field(default_factory=dict)
    cannot_see: tuple[str, ...] = ()

    def includes(self, rule: Rule) -> bool:
        """Whether the rule counts."""
        if rule.id in self.without:
            return False
        return rule.id in self.extra or (
            LEVELS.index(rule.level) <= LEVELS.index(self.level)
        )

    def with_lists(self, changes: Mapping[str, ListChange]) -> Baseline:
        """The same baseline with some lists replaced or changed."""
        if not changes:
            return self
        lists = dict(self.lists)
        for name, change in changes.items():
            lists[name] = change.applied(lists.get(name))
        return replace(self, lists=lists)


def read_baseline(
    name: str,
    folders: Iterable[str | Path],
    home: Callable[[str], Source | None] | None = None,
) -> tuple[Baseline | None, list[PolicyError]]:
    """The baseline of that name (or in that file), with all that it extends.

    `folders` are policy folders; the baselines of the first that has one of the name
    are used. `home` gives the files that a stranger may name (the scanned folder's);
    without it any file may be named. None, and what is wrong, where it cannot be read.
    """
    paths = [Path(folder) for folder in folders]
    errors: list[PolicyError] = []
    chain: list[_File] = []
    wanted: str | None = name
    while wanted is not None:
        found = _find(wanted, paths, home)
        if found is None or len(chain) >= _MOST_PARENTS:
            known = sorted({p.stem for f in paths for p in f.glob("baselines/*.yaml")})
            hint = did_you_mean(wanted, known) or f"; there are {', '.join(known)}"
            words = (
                f"no baseline {wanted!r}{hint}" if found is None else "extends itself"
            )
            at = chain[-1].path if chain else wanted
            return None, [*errors, PolicyError(at, 1, 1, words)]
        file = _read_file(found, errors)
        if file is None:
            return None, errors
        chain.append(file)
        wanted = file.extends or None
    if errors:
        return None, errors
    baseline = Baseline()
    for file in reversed(chain):
        baseline = file.over(baseline)
    return baseline, []


def check_lists(baseline: Baseline, policies: Policies) -> list[PolicyError]:
    """Errors for rules that ask a list or limit, and overrides of a rule, not there."""
    errors = []
    for rule in policies.rules:
        for name in list_names(rule):
            if name not in baseline.lists:
                hint = did_you_mean(name, baseline.lists)
                words = f"the baseline {baseline.id} has no list {name!r}{hint}"
                errors.append(PolicyError(rule.path, 1, 1, words))
        for name in limit_names(rule):
            if name not in baseline.limits:
                hint = did_you_mean(name, baseline.limits)
                words = f"the baseline {baseline.id} has no limit {name!r}{hint}"
                errors.append(PolicyError(rule.path, 1, 1, words))
    ids = [rule.id for rule in policies.rules]
    for name in (*baseline.severity, *sorted(baseline.extra | baseline.without)):
        if policies.find(name) is None:
            words = f"no such rule {name!r}{did_you_mean(name, ids)}"
            errors.append(PolicyError(f"baseline {baseline.id}", 1, 1, words))
    return errors


@dataclass(slots=True)
class _File:
    """One baseline file as it is written."""

    path: str
    id: str
    extends: str
    values: dict[str, str]
    severity: dict[str, str]
    extra: tuple[str, ...]
    without: tuple[str, ...]
    lists: dict[str, ListChange]
    limits: dict[str, int | None]
    cannot_see: tuple[str, ...]

    def over(self, parent: Baseline) -> Baseline:
        base = parent.with_lists(self.lists)
        return Baseline(
            id=self.id,
            title=self.values.get("title", parent.title),
            level=self.values.get("level", parent.level),
            unknown=self.values.get("unknown", parent.unknown),
            severity={**parent.severity, **self.severity},
            extra=(parent.extra - set(self.without)) | set(self.extra),
            without=(parent.without - set(self.extra)) | set(self.without),
            lists=base.lists,
            limits={**parent.limits, **self.limits},
            cannot_see=tuple(dict.fromkeys((*parent.cannot_see, *self.cannot_see))),
        )


def _find(
    name: str, folders: list[Path], home: Callable[[str], Source | None] | None
) -> Path | Source | None:
    if name.endswith((".yaml", ".yml")):
        if home is not None:
            return home(name)
        return Path(name) if os.path.isfile(name) else None
    for folder in folders:
        path = folder / "baselines" / f"{name}.yaml"
        # Not Path.is_file, which raises for a name that no file can have.
        if "/" not in name and os.path.isfile(path):
            return path
    return None


def _read_file(place: Path | Source, errors: list[PolicyError]) -> _File | None:
    strict = open_strict(place, errors) if isinstance(place, Path) else Strict(place)
    node = strict.document() if strict is not None else None
    if strict is None or node is None:
        errors.extend(strict.errors if strict else [])
        return None
    path = strict.source.path
    found = strict.mapping(node, "a baseline", KEYS, ("id",))
    words: dict[str, str] = {}
    if "title" in found:
        words["title"] = strict.text(found["title"], "`title`")
    if "level" in found:
        words["level"] = strict.word(found["level"], "`level`", LEVELS)
    if "unknown" in found:
        words["unknown"] = strict.word(found["unknown"], "`unknown`", UNKNOWN_LEVELS)
    file = _File(
        path=path,
        id=_text(strict, found, "id"),
        extends=_text(strict, found, "extends"),
        values=words,
        severity=_severity(strict, found.get("severity")),
        extra=_names(strict, found, "with"),
        without=_names(strict, found, "without"),
        lists=read_lists(strict, found.get("lists")),
        limits=read_limits(strict, found.get("limits")),
        cannot_see=_names(strict, found, "cannot see"),
    )
    errors.extend(strict.errors)
    return file


def open_strict(path: Path, errors: list[PolicyError]) -> Strict | None:
    """A file to read strictly; None, with an error, where it cannot be opened."""
    try:
        text = _content(path).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as wrong:
        errors.append(PolicyError(path.as_posix(), 1, 1, f"cannot be read: {wrong}"))
        return None
    return Strict(Source(path.as_posix(), text))


def _content(path: Path) -> bytes:
    """The bytes of a regular file, never of a fifo or a device; OSError otherwise."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is no regular file", path.as_posix())
    with path.open("rb") as file:
        content = file.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise OSError(errno.EFBIG, "it is too large", path.as_posix())
    return content


def _text(strict: Strict, found: Mapping[str, Node], key: str) -> str:
    return strict.text(found[key], f"`{key}`") if key in found else ""


def _names(strict: Strict, found: Mapping[str, Node], key: str) -> tuple[str, ...]:
    return strict.texts(found[key], f"`{key}`") if key in found else ()


def _severity(strict: Strict, node: Node | None) -> dict[str, str]:
    pairs = strict.pairs(node, "`severity`") if node is not None else ()
    return {
        key.value: strict.word(value, "a severity", SEVERITIES) for key, value in pairs
    }


def read_lists(strict: Strict, node: Node | None) -> dict[str, ListChange]:
    """The `lists` of a baseline or of a config: `any`, members, or groups and changes."""
    pairs = strict.pairs(node, "`lists`") if node is not None else ()
    return {key.value: _list(strict, key.value, value) for key, value in pairs}


def read_limits(strict: Strict, node: Node | None) -> dict[str, int | None]:
    """The `limits` of a baseline or of a config: whole numbers from 0, or `any`."""
    found: dict[str, int | None] = {}
    for key, value in strict.pairs(node, "`limits`") if node is not None else ():
        if is_scalar(value) and value.value.strip() == "any":
            found[key.value] = None
            continue
        number = strict.number(value, f"the limit {key.value!r}")
        if number < 0:
            strict.error(value, f"the limit {key.value!r} must not be negative")
        found[key.value] = number
    return found


def _list(strict: Strict, name: str, node: Node) -> ListChange:
    if is_list(node):
        return ListChange(NamedList(_members(strict, name, node)))
    if not is_mapping(node):
        strict.word(node, f"the list {name!r}", ("any",))
        return ListChange(NamedList(anything=True))
    what = f"the list {name!r}"
    found = strict.mapping(node, what, ("groups", "add", "remove"))
    base = _from_groups(strict, found["groups"]) if "groups" in found else None
    add = _members(strict, name, found["add"]) if "add" in found else ()
    remove = _members(strict, name, found["remove"]) if "remove" in found else ()
    return ListChange(base, add, remove)


def _members(strict: Strict, name: str, node: Node) -> tuple[str, ...]:
    if not is_list(node):
        strict.error(node, f"the list {name!r} must be a list")
        return ()
    members = strict.texts(node, f"the list {name!r}")
    if name.endswith("countries"):
        for member, item in zip(members, node.value, strict=True):
            if not (len(member) == 2 and member.isascii() and member.isupper()):
                words = f"{member!r} is no ISO 3166-1 alpha-2 code (two capitals)"
                strict.error(item, words)
    return members


def _from_groups(strict: Strict, node: Node) -> NamedList:
    members: dict[str, None] = {}
    for item in strict.items(node, "`groups`"):
        name = strict.text(item, "`groups`")
        if name in places.groups():
            members.update(dict.fromkeys(places.group(name)))
        else:
            words = f"no such group {name!r}{did_you_mean(name, places.groups())}"
            strict.error(item, words)
    return NamedList(tuple(members), as_of=tables.edition("groups.json").as_of)
