"""`.mlsec-lint.yaml`: what a repository's owners say about it. Read strictly.

The file may come from a stranger's pull request, so it can only choose among what the
program already does: it names assets, lists, exceptions and files, and runs nothing.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.patterns import regex
from mlsec_lint.rules.baseline import (
    ListChange,
    open_strict,
    read_limits,
    read_lists,
)
from mlsec_lint.rules.strict import PolicyError, Strict, is_list, is_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yaml.nodes import Node

    from mlsec_lint.rules.baseline import Baseline
    from mlsec_lint.source import Source, Span

FILE_NAME = ".mlsec-lint.yaml"
KEYS = (
    "baseline",
    "assets",
    "clusters",
    "lists",
    "limits",
    "internal hosts",
    "exceptions",
    "exclude",
    "tfvars",
    "roots complete",
)
#: So many entries of `clusters` are read.
MOST_ASSIGNED = 500
#: And of `assets`, each of which is looked for among all things of a scan.
MOST_ASSETS = 1_000
HOLDS = ("weights", "public", "none")
_DATE = regex(r"\d{4}-\d{2}-\d{2}")


class Asset(NamedTuple):
    """A declared asset: `match` is an address or a URI, `*` in it for anything.

    `holds`: `weights`; `public` (a published model: no secret); `none`.
    """

    match: str
    holds: str
    span: Span
    reason: str = ""


class Accepted(NamedTuple):
    """An accepted violation of one rule at some addresses (`*` for anything)."""

    rule: str
    address: str
    reason: str
    span: Span
    until: str = ""
    owner: str = ""


class Assigned(NamedTuple):
    """To which clusters the Kubernetes objects of some paths or namespaces go.

    * `clusters`: addresses or names, all of them meant;
    * `paths`: patterns in the syntax of .gitignore, of files and of the folders of
      overlays and charts; `namespaces`: `*` for anything. Of those that are given each
      has to fit; one of both is there.
    """

    clusters: tuple[str, ...]
    span: Span
    paths: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """What the config file says; the defaults are those of a missing file.

    * `baseline`: a name or the path of a file, "" where the file does not choose;
    * `lists`: changes of the baseline's lists, the internal hosts among them;
    * `limits`: numbers that replace those of the baseline, None for no limit;
    * `clusters`: to which cluster what goes, the last that fits wins;
    * `exclude`: path globs of files that are not scanned;
    * `tfvars`: for a Terraform root, the variants to evaluate it with, each a tuple of
      variable files relative to the root;
    * `roots_complete`: the scan holds every Terraform root of the lab, so that a store
      or account that it does not declare is not the lab's.
    """

    baseline: str = ""
    assets: tuple[Asset, ...] = ()
    clusters: tuple[Assigned, ...] = ()
    lists: Mapping[str, ListChange] = field(default_factory=dict)
    limits: Mapping[str, int | None] = field(default_factory=dict)
    exceptions: tuple[Accepted, ...] = ()
    exclude: tuple[str, ...] = ()
    tfvars: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    path: str = ""
    roots_complete: bool = False

    def over(self, baseline: Baseline) -> Baseline:
        """The baseline with the lists and limits of this config."""
        changed = baseline.with_lists(self.lists)
        return replace(changed, limits={**changed.limits, **self.limits})


def config_of(root: str | Path) -> tuple[Config, list[PolicyError]]:
    """The config of a folder: the defaults where it has none.

    A link that leads out of the folder is an error, not followed.
    """
    path = Path(root) / FILE_NAME
    if not path.exists() and not path.is_symlink():
        return Config(), []
    real = Path(os.path.realpath(path))  # Path.resolve raises on a link to itself
    if not real.is_relative_to(os.path.realpath(root)):
        words = "is a link that leads out of the scanned folder"
        return Config(), [PolicyError(path.as_posix(), 1, 1, words)]
    return load_config(path)


def load_config(path: str | Path) -> tuple[Config, list[PolicyError]]:
    """The config of a file, and what is wrong with it."""
    errors: list[PolicyError] = []
    strict = open_strict(Path(path), errors)
    return (Config(), errors) if strict is None else _read(strict)


def read_config(source: Source) -> tuple[Config, list[PolicyError]]:
    """The config that a text states, and what is wrong with it. Empty text: defaults."""
    return _read(Strict(source))


def parse_date(text: str) -> date | None:
    """A date as YYYY-MM-DD, else None."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _read(strict: Strict) -> tuple[Config, list[PolicyError]]:
    config = Config(path=strict.source.path)
    node = strict.document()
    if node is None:
        return (Config() if strict.errors else config), strict.errors
    found = strict.mapping(node, "the config", KEYS)
    lists = read_lists(strict, found.get("lists"))
    hosts = found.get("internal hosts")
    if hosts is not None:
        own = lists.get("internal-hosts", ListChange(None))
        names = strict.texts(hosts, "`internal hosts`")
        lists["internal-hosts"] = own._replace(add=(*own.add, *names))
    baseline = found.get("baseline")
    exclude = found.get("exclude")
    complete = found.get("roots complete")
    config = replace(
        config,
        baseline=strict.text(baseline, "`baseline`") if baseline is not None else "",
        assets=_assets(strict, found.get("assets")),
        clusters=_clusters(strict, found.get("clusters")),
        lists=lists,
        limits=read_limits(strict, found.get("limits")),
        exceptions=_exceptions(strict, found.get("exceptions")),
        exclude=_exclude(strict, exclude) if exclude is not None else (),
        tfvars=_tfvars(strict, found.get("tfvars")),
        roots_complete=complete is not None
        and strict.word(complete, "`roots complete`", ("true", "false")) == "true",
    )
    return (Config() if strict.errors else config), strict.errors


def _exclude(strict: Strict, node: Node) -> tuple[str, ...]:
    """Patterns that can be read; the libraries that read them raise for some classes."""
    import pathspec
    import re2

    found = strict.texts(node, "`exclude`")
    raised = (ValueError, re.error, re2.error)
    for text in found:
        try:
            pathspec.GitIgnoreSpec.from_lines([text]).match_file("x")
        except raised:
            strict.error(node, f"`exclude` holds no pattern of .gitignore: {text!r}")
            return found
    try:
        pathspec.GitIgnoreSpec.from_lines(found).match_file("x")
    except raised:
        strict.error(
            node, f"`exclude` holds more than can be read: {len(found)} patterns"
        )
    return found


def _assets(strict: Strict, node: Node | None) -> tuple[Asset, ...]:
    assets: list[Asset] = []
    items = strict.items(node, "`assets`") if node is not None else []
    if len(items) > MOST_ASSETS:
        strict.error(items[MOST_ASSETS], f"more than {MOST_ASSETS} of `assets`")
    for item in items[:MOST_ASSETS]:
        keys = ("address", "uri", "holds", "reason")
        found = strict.mapping(item, "an asset", keys, ("holds",))
        names = [found[key] for key in ("address", "uri") if key in found]
        if len(names) != 1:
            strict.error(item, "an asset has an `address` or a `uri`")
            continue
        reason = found.get("reason")
        holds = found.get("holds")
        assets.append(
            Asset(
                strict.text(names[0], "the asset's name"),
                strict.word(holds, "`holds`", HOLDS) if holds is not None else "",
                strict.span(names[0]),
                strict.text(reason, "`reason`") if reason is not None else "",
            )
        )
    return tuple(assets)


def _clusters(strict: Strict, node: Node | None) -> tuple[Assigned, ...]:
    found: list[Assigned] = []
    items = strict.items(node, "`clusters`") if node is not None else []
    for item in items[:MOST_ASSIGNED]:
        keys = ("path", "cluster", "namespace")
        values = strict.mapping(item, "an entry of `clusters`", keys, ("cluster",))
        texts = {key: strict.texts(one, f"`{key}`") for key, one in values.items()}
        if is_mapping(item) and not (texts.get("path") or texts.get("namespace")):
            strict.error(item, "an entry of `clusters` has a `path` or a `namespace`")
        for path in texts.get("path", ()):
            if path and not _is_pattern(path):
                strict.error(values["path"], f"`path` is no pattern of paths: {path!r}")
        if texts.get("cluster"):
            span = strict.span(values["cluster"])
            places = texts.get("path", ()), texts.get("namespace", ())
            found.append(Assigned(texts["cluster"], span, *places))
        elif "cluster" in values:
            strict.error(values["cluster"], "`cluster` must be text")
    if len(items) > MOST_ASSIGNED:
        strict.error(items[MOST_ASSIGNED], f"more than {MOST_ASSIGNED} of `clusters`")
    return tuple(found)


def _is_pattern(path: str) -> bool:
    """Whether a text is a pattern that takes paths in: `*`, `**` and `?`, no classes."""
    bounded = len(path) <= 500 and path.count("**") <= 4 and path.count("*") <= 20
    plain = path[0] not in "!#" and not set(path) & set("[]\\")
    return bounded and plain and ".." not in path.split("/")


def _exceptions(strict: Strict, node: Node | None) -> tuple[Accepted, ...]:
    found: list[Accepted] = []
    keys = ("rule", "address", "reason", "until", "owner")
    for item in strict.items(node, "`exceptions`") if node is not None else ():
        values = strict.mapping(item, "an exception", keys, keys[:3])
        words = {key: strict.text(value, f"`{key}`") for key, value in values.items()}
        until = words.get("until", "")
        if until and parse_date(until) is None:
            strict.error(values["until"], f"`until` is no date YYYY-MM-DD: {until!r}")
        if all(words.get(key) for key in keys[:3]):
            found.append(Accepted(span=strict.span(values["rule"]), **words))
    return tuple(found)


def _tfvars(
    strict: Strict, node: Node | None
) -> dict[str, tuple[tuple[str, ...], ...]]:
    variants: dict[str, tuple[tuple[str, ...], ...]] = {}
    for key, value in strict.pairs(node, "`tfvars`") if node is not None else ():
        files = [
            strict.texts(item, "a variant")
            if is_list(item)
            else (strict.text(item, "a variant"),)
            for item in strict.items(value, f"the variants of {key.value!r}")
        ]
        variants[key.value.strip("/") or "."] = tuple(files)
    return variants
