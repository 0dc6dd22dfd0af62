"""One folder of Terraform configuration as declarations: syntax only, nothing evaluated.

Reads `.tf` and `.tf.json` files in lexical order, then override files, and keeps for
every attribute the Source it came from, since one block can be written in two files.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from mlsec_lint.parse.hcl.json import unpack
from mlsec_lint.source import Note, Span
from mlsec_lint.terraform.literals import literal_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlsec_lint.parse.hcl.tree import Attribute, Block, Body
    from mlsec_lint.source import Source

META_BLOCKS = ("lifecycle", "provisioner", "connection")


class Item(NamedTuple):
    """An attribute and the source that holds it."""

    source: Source
    node: Attribute

    @property
    def span(self) -> Span:
        """The span of the expression."""
        return Span(self.source, self.node.expression.start, self.node.expression.end)

    @property
    def key(self) -> Span:
        """The span of the name."""
        return Span(self.source, self.node.start, self.node.name_end)


class Part(NamedTuple):
    """A nested block and the source that holds it."""

    source: Source
    node: Block

    @property
    def header(self) -> Span:
        """The span of type and labels."""
        return Span(self.source, self.node.start, self.node.header_end)

    @property
    def span(self) -> Span:
        """The span of the whole block."""
        return Span(self.source, self.node.start, self.node.end)


@dataclass(slots=True)
class Content:
    """What stands in a block: attributes and nested blocks, overrides applied."""

    attributes: dict[str, Item] = field(default_factory=dict)
    blocks: list[Part] = field(default_factory=list)
    json: bool = False

    def of_type(self, name: str) -> list[Part]:
        """The nested blocks of that type, in order."""
        return [part for part in self.blocks if part.node.type == name]


def content_of(
    source: Source, body: Body, labels: Mapping[str, int] | None = None
) -> Content:
    """The content of a body as written, without overrides.

    JSON has no blocks: `labels` says which properties are blocks there, and with how
    many labels.
    """
    if body.json:
        body, _ = unpack(source, body, labels or {"dynamic": 1})
    return Content(
        {name: Item(source, node) for name, node in body.attributes.items()},
        [Part(source, block) for block in body.blocks],
        body.json,
    )


@dataclass(slots=True)
class Declaration:
    """One top-level block: `kind`, labels, content, and where it stands."""

    kind: str
    labels: tuple[str, ...]
    content: Content
    header: Span
    block: Span

    @property
    def name(self) -> str:
        """The last label, or "" for a block without labels."""
        return self.labels[-1] if self.labels else ""


@dataclass(slots=True)
class Folder:
    """All declarations of one folder. `path` is relative to the scanned folder.

    `resources` is keyed by (mode, type, name), `providers` by (local name, alias).
    `requirements` are the items of all required_providers blocks by local name.
    """

    path: str
    variables: dict[str, Declaration] = field(default_factory=dict)
    locals: dict[str, Item] = field(default_factory=dict)
    outputs: dict[str, Declaration] = field(default_factory=dict)
    resources: dict[tuple[str, str, str], Declaration] = field(default_factory=dict)
    calls: dict[str, Declaration] = field(default_factory=dict)
    providers: dict[tuple[str, str], Declaration] = field(default_factory=dict)
    requirements: dict[str, Item] = field(default_factory=dict)
    checks: list[Declaration] = field(default_factory=list)
    backend: Declaration | None = None
    required_version: Item | None = None
    notes: list[Note] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


LABELS = {
    "variable": 1,
    "output": 1,
    "locals": 0,
    "resource": 2,
    "data": 2,
    "ephemeral": 2,
    "module": 1,
    "provider": 1,
    "terraform": 0,
    "check": 1,
    "moved": 0,
    "import": 0,
    "removed": 0,
}
_IN_RESOURCE = {"dynamic": 1, "lifecycle": 0, "provisioner": 1, "connection": 0}
NESTED = {
    "variable": {"validation": 0},
    "output": {"precondition": 0},
    "resource": _IN_RESOURCE,
    "data": _IN_RESOURCE,
    "module": {"//": 0},
    "terraform": {"required_providers": 0, "backend": 1, "cloud": 0},
    "check": {"assert": 0, "data": 2},
}
IGNORED = ("moved", "import", "removed")


def is_configuration_file(name: str) -> bool:
    """Whether Terraform reads a file of this name as configuration."""
    if name.startswith(".") or name.endswith("~"):
        return False
    if name.startswith("#") and name.endswith("#"):
        return False
    return name.endswith((".tf", ".tf.json"))


def is_override_file(name: str) -> bool:
    """Whether the file overrides what the other files of the folder declare."""
    stem = name.removesuffix(".json").removesuffix(".tf")
    return stem == "override" or stem.endswith("_override")


def add_body(folder: Folder, source: Source, body: Body, override: bool) -> None:
    """Enter the declarations of one file into the folder."""
    for block in body.blocks:
        wanted = LABELS.get(block.type)
        if wanted is None:
            _refuse(folder, source, block, f'a "{block.type}" block is not expected')
        elif len(block.labels) != wanted:
            words = f'a "{block.type}" block needs {wanted} labels'
            _refuse(folder, source, block, words)
        elif block.type not in IGNORED:
            _enter(folder, source, block, override)
    for name, attribute in body.attributes.items():
        span = Span(source, attribute.start, attribute.name_end)
        text = f'An argument named "{name}" is not expected here'
        _note(folder, "Unsupported argument", text, span)


def _enter(folder: Folder, source: Source, block: Block, override: bool) -> None:
    declaration = Declaration(
        block.type,
        tuple(label.value for label in block.labels),
        content_of(source, block.body, NESTED.get(block.type, {})),
        Span(source, block.start, block.header_end),
        Span(source, block.start, block.end),
    )
    if block.type == "locals":
        _enter_locals(folder, declaration, override)
    elif block.type == "terraform":
        _enter_terraform(folder, declaration)
    elif block.type == "check":
        folder.checks.append(declaration)
    else:
        _enter_named(folder, declaration, override)


def _enter_locals(folder: Folder, block: Declaration, override: bool) -> None:
    for part in block.content.blocks:
        text = f'a "{part.node.type}" block is not expected here'
        _note(folder, "Unsupported block type", text, part.header)
    for name, item in block.content.attributes.items():
        known = name in folder.locals
        if known and not override:
            text = f'A local value named "{name}" was already defined'
            _note(folder, "Duplicate local value definition", text, item.key)
        elif override and not known:
            text = f'There is no local value "{name}" to override'
            _note(folder, "Missing base local value definition", text, item.key)
        else:
            folder.locals[name] = item


def _enter_terraform(folder: Folder, block: Declaration) -> None:
    version = block.content.attributes.get("required_version")
    folder.required_version = version or folder.required_version
    for part in block.content.blocks:
        if part.node.type == "required_providers":
            inner = content_of(part.source, part.node.body, {"//": 0})
            folder.requirements.update(inner.attributes)
        elif part.node.type in ("backend", "cloud"):
            labels = tuple(label.value for label in part.node.labels)
            folder.backend = Declaration(
                part.node.type,
                labels,
                content_of(part.source, part.node.body),
                part.header,
                part.span,
            )


def _table(
    folder: Folder, block: Declaration
) -> tuple[dict[object, Declaration], object]:
    """The table that a declaration belongs to and its key there."""
    tables: dict[str, object] = {
        "variable": folder.variables,
        "output": folder.outputs,
        "module": folder.calls,
        "provider": folder.providers,
    }
    key: object = block.name
    if block.kind in ("resource", "data", "ephemeral"):
        mode = "managed" if block.kind == "resource" else block.kind
        return folder.resources, (mode, *block.labels)  # type: ignore[return-value]
    if block.kind == "provider":
        key = (block.name, alias_of(block))
    return tables[block.kind], key  # type: ignore[return-value]


def alias_of(block: Declaration) -> str:
    """The literal alias of a provider block, or ""."""
    item = block.content.attributes.get("alias")
    return (literal_text(item.node.expression) or "") if item else ""


def _is_identifier(name: str) -> bool:
    return re.match(r"[^\W\d][\w-]*\Z", name) is not None


def _enter_named(folder: Folder, block: Declaration, override: bool) -> None:
    for label in block.labels:
        if not _is_identifier(label):
            text = f"{label!r} is no name: a name starts with a letter or underscore"
            _note(folder, f"Invalid {block.kind} name", text, block.header)
    table, key = _table(folder, block)
    base = table.get(key)
    if override:
        if base is not None:
            table[key] = merge(base, block)
        elif block.kind == "provider":
            table[key] = block
        else:
            text = f"There is no {block.kind} {'.'.join(block.labels)} to override"
            _note(folder, f"Missing {block.kind} to override", text, block.header)
    elif base is not None:
        text = f"{'.'.join(block.labels)} was already declared"
        _note(folder, _duplicate(block), text, block.header)
    else:
        table[key] = block


def _duplicate(block: Declaration) -> str:
    """Terraform's summary for a second declaration of the same name."""
    words = {
        "variable": "variable declaration",
        "output": "output definition",
        "module": "module call",
        "provider": "provider configuration",
    }
    kind = f'{block.kind} "{block.labels[0]}" configuration'
    return f"Duplicate {words.get(block.kind, kind)}"


def merge(base: Declaration, over: Declaration) -> Declaration:
    """`base` with the arguments and nested blocks of `over` in place of its own.

    Nested blocks of a type named in the override replace all of that type, written or
    dynamic; `lifecycle` is merged argument by argument. (Terraform documentation,
    "Override Files", 2025.)
    """
    attributes = {**base.content.attributes, **over.content.attributes}
    replaced = {_block_type(part) for part in over.content.blocks} - {"lifecycle"}
    blocks = [p for p in base.content.blocks if _block_type(p) not in replaced]
    blocks.extend(over.content.blocks)
    content = Content(attributes, blocks, base.content.json)
    return Declaration(base.kind, base.labels, content, base.header, base.block)


def _block_type(part: Part) -> str:
    node = part.node
    return node.labels[0].value if node.type == "dynamic" and node.labels else node.type


def lifecycle_items(content: Content) -> Iterator[tuple[str, Item]]:
    """The arguments of all lifecycle blocks, later ones (overrides) last."""
    for part in content.of_type("lifecycle"):
        for name, node in part.node.body.attributes.items():
            yield name, Item(part.source, node)


def _refuse(folder: Folder, source: Source, block: Block, words: str) -> None:
    span = Span(source, block.start, block.header_end)
    _note(folder, "Unsupported block type", words, span)


def _note(folder: Folder, summary: str, text: str, span: Span) -> None:
    note = Note("evaluation-error", f"{summary}: {text}", span.source.path, span)
    folder.notes.append(note)
