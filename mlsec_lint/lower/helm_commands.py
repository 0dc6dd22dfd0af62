"""Uses of charts that a README or a script of the repository writes out.

`helm install NAME CHART -f FILE` in the text that tells how a chart is used is a use of
it, where the chart and every values file lie in the scan. Many such commands differ in
their names or in a `--set` only: the first of each chart and list of values files
stands for all of them. What Terraform, Argo CD or Flux deploy goes before (see
`kubernetes.render`). Flags as of Helm 3.17, read 2026-11.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.kubernetes.goscalars import literal, scalar
from mlsec_lint.kubernetes.helm import Release
from mlsec_lint.lower.in_terraform.set_paths import path_of, placed
from mlsec_lint.lower.jobs.arguments import arguments
from mlsec_lint.lower.jobs.launch import text
from mlsec_lint.lower.jobs.shell import read_script
from mlsec_lint.parse.yaml import documents
from mlsec_lint.patterns import regex
from mlsec_lint.value import Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsec_lint.discovery import Tree
    from mlsec_lint.lower.jobs.arguments import Setting
    from mlsec_lint.source import Source, Span

#: Uses that are followed, of one chart and of all; texts longer than this are no README.
_MOST_OF_ONE, _MOST = 80, 240
_MAX_TEXT = 400_000
_MAX_COMMAND = 20_000
#: A line of a text that installs a chart, with the prompt it may stand behind.
_INSTALLS = regex(
    r"^[ \t>]{0,40}(?:[$!#][ \t]{0,4})?(?:sudo[ \t]{1,4})?helm[ \t]{1,8}"
    r"(?:install|upgrade|template)\b",
    re.MULTILINE,
)
_VERBS = frozenset({"install", "upgrade", "template"})
#: Flags of these commands that take no value.
_SWITCHES = frozenset(
    {
        "atomic", "cleanup_on_fail", "create_namespace", "debug", "dependency_update",
        "devel", "dry_run", "force", "generate_name", "g", "hide_notes", "include_crds",
        "install", "i", "no_hooks", "replace", "reset_values", "reuse_values",
        "skip_crds", "verify", "wait", "wait_for_jobs", "skip_schema_validation",
        "skip_tests", "take_ownership", "enable_dns", "insecure_skip_tls_verify",
        "plain_http", "pass_credentials", "disable_openapi_validation", "render_subchart_notes",
    }
)  # fmt: skip
_FILES = frozenset({"f", "values"})
_SETS = frozenset({"set", "set_string", "set_json"})
_PAIR_END = regex(r"(?<!\\),")


class _Use(NamedTuple):
    """A command that installs a chart: its words and where they stand."""

    source: Source
    operands: list[Value]
    settings: list[Setting]
    span: Span


def documented_releases(tree: Tree, texts: Sequence[Source]) -> list[Release]:
    """Uses of the tree's charts in its prose (`Tree.prose`) and in scripts, in order."""
    if not any(file.path.endswith("Chart.yaml") for file in tree.files):
        return []
    names = _chart_names(tree)
    found: dict[tuple[str, tuple[str, ...]], Release] = {}
    counted: dict[str, int] = {}
    for use in _uses(tree, texts):
        made = _release(tree, use, names)
        if made is None or (made[0].chart, made[1]) in found:
            continue
        chart = made[0].chart
        counted[chart] = counted.get(chart, 0) + 1
        if counted[chart] <= _MOST_OF_ONE and len(found) < _MOST:
            found[chart, made[1]] = made[0]
    return list(found.values())


def _chart_names(tree: Tree) -> dict[str, str]:
    """Chart name -> its folder, for names that one chart of the scan has alone."""
    found: dict[str, str] = {}
    for file in tree.files:
        folder, _, last = file.path.rpartition("/")
        source = tree.source(file.path) if last == "Chart.yaml" else None
        for document in documents(source)[0] if source is not None else ():
            name = document.value.get("name")
            if name is not None and isinstance(name.data, str):
                found[name.data] = "" if name.data in found else folder
    return found


def _uses(tree: Tree, texts: Sequence[Source]) -> Iterator[_Use]:
    for path in tree.prose:
        source = tree.source(path)
        if source is None or len(source.text) > _MAX_TEXT:
            continue
        for match in _INSTALLS.finditer(source.text):
            start = source.text.index("helm", match.start())
            yield from _commands(source, start, _end(source.text, start))
    for source in texts:
        if len(source.text) <= _MAX_TEXT and _INSTALLS.search(source.text):
            yield from _commands(source, 0, len(source.text))


def _end(whole: str, start: int) -> int:
    """The end of a command that goes on over lines that end with a backslash."""
    at, bound = start, min(len(whole), start + _MAX_COMMAND)
    while at < bound:
        stop = whole.find("\n", at, bound)
        if stop < 0:
            return bound
        if not whole[at:stop].rstrip().endswith("\\"):
            return stop
        at = stop + 1
    return bound


def _commands(source: Source, start: int, end: int) -> Iterator[_Use]:
    for command in read_script(source, start=start, end=end).commands:
        words, span = command.words, command.span
        if command.name() != "helm" or span is None:
            continue
        found = arguments(words[1:], _SWITCHES)
        if found.operands and text(found.operands[0]) in _VERBS:
            yield _Use(source, found.operands[1:], found.settings, span)


def _release(
    tree: Tree, use: _Use, names: dict[str, str]
) -> tuple[Release, tuple[str, ...]] | None:
    """The use with its values files, or None where chart or files are not at hand."""
    if not use.operands:
        return None
    named = use.operands[-1]
    folder = _chart(tree, use.source.path, text(named), names)
    if folder is None:
        return None
    files: list[str] = []
    values: list[Value] = []
    for setting in use.settings:
        if setting.name not in _FILES:
            continue
        for part in text(setting.value).split(","):
            path = _inside(tree, use.source.path, part)
            if path is None:
                return None
            files.append(path)
            values.extend(_values(tree, path))
    given = Value({}, use.span)
    for setting in use.settings:
        if setting.name in _SETS:
            given = _set(given, setting)
    label = posixpath.splitext(files[-1])[0] if files else use.source.path
    release = Release(
        folder,
        _plain(use.operands[0]) if len(use.operands) > 1 else "release-name",
        _namespace(use.settings),
        (*values, given),
        named.span or use.span,
        f"installed by {use.source.path}" + (f" with {files[-1]}" if files else ""),
        label,
    )
    return release, tuple(files)


def _plain(word: Value) -> str:
    return text(word) or "release-name"


def _namespace(settings: Sequence[Setting]) -> str:
    found = [text(s.value) for s in settings if s.name in ("n", "namespace")]
    return (found[-1] if found else "") or "default"


def _chart(tree: Tree, near: str, named: str, names: dict[str, str]) -> str | None:
    """The folder of a chart: by path, or by the name that one chart alone has."""
    if not named or "://" in named:
        return None
    folder = _inside(tree, near, named, chart=True)
    if folder is None and named.count("/") == 1 and not named.startswith("."):
        folder = names.get(named.partition("/")[2]) or None
    return folder


def _inside(tree: Tree, near: str, named: str, *, chart: bool = False) -> str | None:
    """What a path means beside the text, in a folder above it, or from the root."""
    named = named.strip()
    if not named or named.startswith(("/", "~", "$")) or "://" in named:
        return None
    folder = posixpath.dirname(near)
    while True:
        path = posixpath.normpath(posixpath.join(folder, named))
        wanted = posixpath.join(path, "Chart.yaml") if chart else path
        real = None if path.startswith("..") else tree.realpath(path)
        if real is not None and tree.exists(wanted):
            return real
        if not folder or posixpath.normpath(named) == ".":
            return None
        folder = posixpath.dirname(folder)


def _values(tree: Tree, path: str) -> list[Value]:
    source = tree.source(path)
    found = documents(source)[0] if source is not None else []
    return [literal(one.value) for one in found if isinstance(one.value.data, dict)][:1]


def _set(values: Value, setting: Setting) -> Value:
    """The values with what one `--set`, `--set-string` or `--set-json` puts there."""
    whole = setting.value
    written = whole.data
    if isinstance(written, Unknown):
        head = written.parts[0] if written.parts else ""
        name, equals, _ = (head if isinstance(head, str) else "").partition("=")
        steps = path_of(name) if equals else None
        return placed(values, steps, whole) if steps else values
    pairs = [written] if setting.name == "set_json" else _PAIR_END.split(str(written))
    for pair in pairs:
        name, equals, content = pair.partition("=")
        steps = path_of(name.strip()) if equals else None
        if steps:
            made = _content(setting, content, whole)
            values = placed(values, steps, made)
    return values


def _content(setting: Setting, content: str, whole: Value) -> Value:
    """The value behind `=`; a structure in JSON is not taken apart: nobody can tell it."""
    if setting.name == "set_json" and content.lstrip()[:1] in ("[", "{"):
        why = "a structure of the command line is not read"
        return whole.replace(data=Unknown("unsupported", why, span=whole.span))
    if content.startswith("{") and content.endswith("}"):
        parts = content[1:-1].split(",") if content != "{}" else []
        return whole.replace(
            data=tuple(whole.replace(data=scalar(part.strip())) for part in parts)
        )
    if setting.name == "set_string":
        return whole.replace(data=content)
    return whole.replace(data=None if content == "null" else scalar(content))
