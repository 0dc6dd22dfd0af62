"""What all module instances of one evaluation share: files, code, notes and budgets."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from mlsec_lint.parse.hcl import json, parser
from mlsec_lint.source import Note, Span
from mlsec_lint.terraform.configuration import (
    LABELS,
    Content,
    Folder,
    add_body,
    content_of,
    is_configuration_file,
    is_override_file,
)
from mlsec_lint.terraform.ephemeral import declares
from mlsec_lint.terraform.expressions import compile_expression
from mlsec_lint.terraform.scope import ExhaustedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsec_lint.discovery import Tree
    from mlsec_lint.parse.hcl.tree import Body
    from mlsec_lint.parse.hcl.tree import Expression as Node
    from mlsec_lint.source import Source
    from mlsec_lint.terraform.compiler import Expression
    from mlsec_lint.terraform.configuration import Part
    from mlsec_lint.terraform.errors import EvaluationError
    from mlsec_lint.terraform.scope import Reference, Settled
    from mlsec_lint.terraform.types import Type

    Key = tuple[str, str | tuple[str, ...]]

MAX_INSTANCES = 20_000
MAX_REPEAT = 2_000
MAX_MODULES = 4_000
MAX_MODULE_DEPTH = 24
# Parts of values looked at in one root. The hungriest root of terraform-aws-eks,
# mlstacks and accelerated-platforms needs 75,000 (2026-03).
MAX_WORK = 2_000_000
# The same in all roots of a scan together.
MAX_WORK_IN_ALL = 20_000_000


class Files:
    """Parsed folders and compiled expressions, shared by all roots of a scan."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.folders: dict[str, Folder] = {}
        self.bodies: dict[str, Body | None] = {}
        self.notes: dict[str, list[Note]] = {}
        self.ephemeral = False
        self.spent = 0
        self.constraints: dict[int, Type] = {}
        self.defaults: dict[int, Settled] = {}
        self.named: dict[tuple[int, Key], tuple[Key, ...]] = {}
        self.sound: dict[str, dict[int, Expression | Reference]] = {}
        self._plain: dict[int, Expression] = {}
        self._code: dict[tuple[int, frozenset[str]], Expression] = {}
        self._told: set[str] = set()
        self._contents: dict[int, Content] = {}
        self._sources: dict[str, Source] = {}

    def folder(self, path: str) -> Folder:
        """The declarations of a folder; an empty one where there is nothing."""
        real = self.tree.realpath(path)
        path = path if real is None else real
        known = self.folders.get(path)
        if known is None:
            known = Folder(path) if real is None else self._load(path)
            self.folders[path] = known
            self.ephemeral = self.ephemeral or declares(known)
        return known

    def inside(self, part: Part) -> Content:
        """What stands in a nested block; made once, as it is evaluated many times."""
        body = part.node.body
        known = self._contents.get(id(body))
        if known is None:
            labels = {"content": 0} if part.node.type == "dynamic" else {"dynamic": 1}
            known = content_of(part.source, body, labels)
            self._contents[id(body)] = known
        return known

    def _load(self, path: str) -> Folder:
        folder = Folder(path)
        names = [n for n in self.tree.listing(path) if is_configuration_file(n)]
        plain = [name for name in names if not is_override_file(name)]
        over = [name for name in names if is_override_file(name)]
        for name in (*plain, *over):
            file = posixpath.join(path, name)
            found = self.body(file)
            if found is not None:
                folder.files.append(file)
                add_body(folder, self._sources[file], found, override=name in over)
        return folder

    def body(self, path: str) -> Body | None:
        """The parsed file, or None where it cannot be read; notes are kept once."""
        if path not in self.bodies:
            self.bodies[path] = self._parse(path)
        return self.bodies[path]

    def source_of(self, path: str) -> Source:
        """The source of a file that `body` has parsed."""
        return self._sources[path]

    def _parse(self, path: str) -> Body | None:
        source = self.tree.source(path)
        if source is None:
            return None
        self._sources[path] = source
        if not path.endswith(".json"):
            body, notes = parser.parse_config(source)
        else:
            body, notes = json.parse_config(source)
            if path.endswith(".tf.json"):
                body, more = json.unpack(source, body, LABELS)
                notes = [*notes, *more]
        if notes:
            self.notes[path] = list(notes)
        return body

    def take_notes(self, folders: Iterable[str] | None = None) -> list[Note]:
        """The notes on reading files in these folders (or all), each given out once."""
        wanted = None if folders is None else set(folders)
        taken: list[Note] = []
        for path in sorted(self.notes):
            if wanted is None or posixpath.dirname(path) in wanted:
                taken.extend(self.notes.pop(path))
        for path in sorted(self.folders) if wanted is None else sorted(wanted):
            folder = self.folders.get(path)
            if folder is not None and path not in self._told:
                self._told.add(path)
                taken.extend(folder.notes)
        return taken

    def expression(
        self, source: Source, node: Node, names: frozenset[str] = frozenset()
    ) -> Expression:
        """The compiled form of a node; compiled once however often it is evaluated."""
        if not names:  # nearly always
            known = self._plain.get(id(node))
            if known is None:
                known = compile_expression(source, node)
                self._plain[id(node)] = known
            return known
        known = self._code.get((id(node), names))
        if known is None:
            known = compile_expression(source, node, names)
            self._code[id(node), names] = known
        return known


class Run:
    """One evaluation of one root: its notes and what it may still spend."""

    def __init__(self, files: Files, root: str, workspace: str) -> None:
        self.files = files
        self.root = root
        self.workspace = workspace
        self.notes: list[Note] = []
        self.errors: list[EvaluationError] = []
        self.cycles: list[tuple[str, tuple[str, object]]] = []
        self.visited: dict[str, None] = {}
        self.instances = 0
        self.spent = 0
        self.modules = 0
        self.installed: dict[str, str] = {}
        self.working_folder = ""
        self.locked: dict[str, str] = {}
        self.library = False
        self._noted: set[tuple[object, ...]] = set()

    def spend(self, parts: int) -> None:
        """Count work; ExhaustedError once there was too much."""
        self.spent += parts
        self.files.spent += parts
        if self.spent > MAX_WORK or self.files.spent > MAX_WORK_IN_ALL:
            words = "The evaluation of this root was given up: it is too much work."
            self.note("bound", words, None, incomplete=True)
            raise ExhaustedError("too much work")

    def relative(self, path: str) -> str:
        """A folder's path as seen from the root's folder: `path.module`."""
        return posixpath.relpath("/" + path, "/" + self.root)

    def cycle(self, module: str, key: tuple[str, object]) -> None:
        """Count a cycle that closes at the object; its reference becomes an error."""
        self.cycles.append((module, key))

    def problem(self, error: EvaluationError, fallback: Span | None = None) -> None:
        """Note what Terraform would refuse, once per place."""
        self.errors.append(error)
        span = error.span or fallback
        text = f"{error.summary}: {error.detail}"
        if self.library:
            text = f"With the defaults of this module alone: {text}"
        self.note("evaluation-error", text, span)

    def note(
        self,
        kind: str,
        text: str,
        span: Span | None,
        *,
        incomplete: bool = False,
        strict_only: bool = False,
    ) -> None:
        """Note something about a place, once."""
        path = span.path if span is not None else self.root
        at = (id(span.source), span.start, span.end) if span is not None else ()
        key = (kind, text, path, *at)
        if key in self._noted:
            return
        self._noted.add(key)
        self.notes.append(
            Note(kind, text, path, span, incomplete=incomplete, strict_only=strict_only)
        )
