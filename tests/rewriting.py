"""Ways to write the same repository otherwise: each changes a folder in place.

Where a rewriting changes addresses, the function that it gives takes a told address back
to what it was. Everything is mechanical and deterministic: blocks are found with the
parser of the project, references by word.
"""

from __future__ import annotations

import re
import shutil
import textwrap
from typing import TYPE_CHECKING

from mlsec_lint.parse.hcl.parser import parse_config
from mlsec_lint.parse.hcl.tree import Template, Text
from mlsec_lint.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mlsec_lint.parse.hcl.tree import Block

    Back = Callable[[str], str]
    Rewriting = Callable[[Path], Back]

_COMMENTED = (".tf", ".tfvars", ".yaml", ".yml")
_SUFFIX = "_otherwise"
#: What is not read as a plain file of its own: names mean something.
_NAMED = ("kustomization.yaml", "Chart.yaml", "values.yaml")
_OBJECT = re.compile(r"^apiVersion: ", re.MULTILINE)
_KIND = re.compile(r"^kind: (\w+)", re.MULTILINE)
_PODS = frozenset({"Job", "Deployment", "DaemonSet", "StatefulSet"})


def same(text: str) -> str:
    return text


# -- reading -------------------------------------------------------------------------


def blocks_of(text: str) -> list[Block]:
    body, notes = parse_config(Source("x.tf", text))
    assert not notes, notes
    return body.blocks


def pieces(text: str) -> list[str]:
    """The top blocks of a Terraform file, each with the comments above it."""
    found: list[str] = []
    start = 0
    for block in blocks_of(text):
        found.append(text[start : block.end].strip("\n"))
        start = block.end
    return found


def terraform_folders(folder: Path) -> dict[Path, list[Path]]:
    found: dict[Path, list[Path]] = {}
    for path in sorted(folder.rglob("*.tf")):
        found.setdefault(path.parent, []).append(path)
    return found


def roots(folder: Path) -> dict[Path, list[Path]]:
    """Folders of Terraform that no other one calls as a module."""
    found = terraform_folders(folder)
    called = set()
    for home, files in found.items():
        for path in files:
            for block in blocks_of(path.read_text()):
                if block.type == "module":
                    called.add((home / argument(path.read_text(), block)).resolve())
    return {
        home: files for home, files in found.items() if home.resolve() not in called
    }


def argument(text: str, block: Block, name: str = "source") -> str:
    expression = block.body.attributes[name].expression
    return text[expression.start : expression.end].strip('"')


def plain_documents(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Files of Kubernetes objects that stand for themselves, as texts of documents."""
    for path in sorted(folder.rglob("*.yaml")):
        beside = [path.parent, path.parent.parent]
        if any((one / name).exists() for one in beside for name in _NAMED):
            continue
        documents = [d.strip("\n") for d in re.split(r"(?m)^---\n", path.read_text())]
        documents = [d for d in documents if d.strip()]
        if documents and all(_OBJECT.search(d) and _KIND.search(d) for d in documents):
            yield path, documents


# -- what changes no text ------------------------------------------------------------


def with_comments(folder: Path) -> Back:
    for path in sorted(folder.rglob("*")):
        if path.suffix in _COMMENTED and path.is_file():
            path.write_text(f"# why it is so\n\n\n{path.read_text()}\n# the end\n")
    return same


def with_crlf(folder: Path) -> Back:
    for path in sorted(folder.rglob("*")):
        if path.suffix in _COMMENTED and path.is_file():
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    return same


def with_others(folder: Path) -> Back:
    """Files and a namespace that have to do with nothing here."""
    (folder / "NOTES.md").write_text("# Notes\n\nNothing of weights.\n")
    (folder / "tools").mkdir(exist_ok=True)
    (folder / "tools/lint.py").write_text("print('fine')\n")
    (folder / "tools/lint.json").write_text('{"rules": ["short"], "limit": 80}\n')
    place = folder / "zz-canteen"
    place.mkdir()
    (place / "all.yaml").write_text(
        textwrap.dedent("""\
            apiVersion: v1
            kind: Namespace
            metadata: {name: canteen}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: menu, namespace: canteen}
            data: {monday: soup}
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: closed, namespace: canteen}
            spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
            """)
    )
    return same


# -- files and order -----------------------------------------------------------------


def files_renamed(folder: Path) -> Back:
    for files in terraform_folders(folder).values():
        for number, path in enumerate(reversed(files)):
            path.rename(path.with_name(f"part{number}.tf"))
    for path, _ in list(plain_documents(folder)):
        path.rename(path.with_name(f"zz-{path.name}"))
    return same


def reordered(folder: Path) -> Back:
    for files in terraform_folders(folder).values():
        for path in files:
            path.write_text("\n\n".join(reversed(pieces(path.read_text()))) + "\n")
    for path, documents in list(plain_documents(folder)):
        path.write_text("\n---\n".join(reversed(documents)) + "\n")
    return same


def split(folder: Path) -> Back:
    for files in terraform_folders(folder).values():
        for path in files:
            for number, piece in enumerate(pieces(path.read_text())):
                path.with_name(f"{path.stem}-{number}.tf").write_text(piece + "\n")
            path.unlink()
    for path, documents in list(plain_documents(folder)):
        for number, document in enumerate(documents):
            path.with_name(f"{path.stem}-{number}.yaml").write_text(document + "\n")
        path.unlink()
    return same


def merged(folder: Path) -> Back:
    for home, files in terraform_folders(folder).items():
        parts = [piece for path in files for piece in pieces(path.read_text())]
        for path in files:
            path.unlink()
        (home / "everything.tf").write_text("\n\n".join(parts) + "\n")
    homes: dict[Path, list[str]] = {}
    for path, documents in list(plain_documents(folder)):
        homes.setdefault(path.parent, []).extend(documents)
        path.unlink()
    for home, documents in homes.items():
        (home / "everything.yaml").write_text("\n---\n".join(documents) + "\n")
    return same


# -- names ---------------------------------------------------------------------------


def resources_renamed(folder: Path) -> Back:
    """Every label of resources and data sources gets another name, wherever it stands."""
    return _renamed(folder, ("resource", "data"))


def modules_renamed(folder: Path) -> Back:
    return _renamed(folder, ("module",))


def _renamed(folder: Path, sorts: tuple[str, ...]) -> Back:
    files = [path for files in terraform_folders(folder).values() for path in files]
    names: set[tuple[str, ...]] = set()
    for path in files:
        for block in blocks_of(path.read_text()):
            if block.type in sorts:
                names.add(tuple(label.value for label in block.labels))
    for path in files:
        text = path.read_text()
        for labels in sorted(names):
            quoted = " ".join(f'"{re.escape(label)}"' for label in labels)
            text = re.sub(
                rf"(?m)^((?:{'|'.join(sorts)}) {quoted[:-1]})\"", rf'\1{_SUFFIX}"', text
            )
            kind = labels[0] if len(labels) == len(("type", "name")) else "module"
            dotted = rf"(?:(?<=data\.)|(?<![\w.-])){kind}\.{labels[-1]}(?![\w-])"
            text = re.sub(dotted, rf"\g<0>{_SUFFIX}", text)
        path.write_text(text)
    return lambda told: told.replace(_SUFFIX, "")


# -- values --------------------------------------------------------------------------


def in_variables(folder: Path) -> Back:
    """Literals of root modules move into variables that a tfvars file sets."""
    for home, files in roots(folder).items():
        moved = _take_literals(files, "var")
        if not moved:
            continue
        declared = "".join(f'variable "{name}" {{}}\n' for name in moved)
        (home / "moved.tf").write_text(declared)
        given = "".join(f'{name} = "{value}"\n' for name, value in moved.items())
        (home / "zz-moved.auto.tfvars").write_text(given)
    return same


def in_locals(folder: Path) -> Back:
    for home, files in terraform_folders(folder).items():
        moved = _take_literals(files, "local")
        if moved:
            lines = "".join(f'  {name} = "{value}"\n' for name, value in moved.items())
            (home / "moved.tf").write_text(f"locals {{\n{lines}}}\n")
    return same


def in_arguments(folder: Path) -> Back:
    """Each root becomes a module, and gets its literals from the call."""
    for home, files in roots(folder).items():
        texts = [path.read_text() for path in files]
        whole = "\n".join(texts)
        outside = ("provider", "terraform", "moved", "import")
        if "alias" in whole or "path." in whole or 'variable "' in whole:
            continue  # what is handed over by name, or found by folder, stays
        inner = home / "inside"
        inner.mkdir()
        kept: list[str] = []
        handed = ""
        inside: list[Path] = []
        for path, text in zip(files, texts, strict=True):
            rest = []
            for piece in pieces(text):
                [block] = blocks_of(piece)
                (kept if block.type in outside else rest).append(piece)
                if block.type == "output":
                    name = block.labels[0].value
                    handed += (
                        f'output "{name}" {{\n  value = module.inside.{name}\n}}\n'
                    )
            made = inner / path.name
            made.write_text(
                re.sub(r'(source\s*=\s*")(\.\.?/)', r"\1../\2", "\n\n".join(rest))
                + "\n"
            )
            inside.append(made)
            path.unlink()
        moved = _take_literals(inside, "var")
        (inner / "moved.tf").write_text(
            "".join(f'variable "{name}" {{}}\n' for name in moved)
        )
        given = "".join(f'  {name} = "{value}"\n' for name, value in moved.items())
        call = f'module "inside" {{\n  source = "./inside"\n{given}}}\n'
        (home / "main.tf").write_text("\n\n".join([*kept, call, handed]))
    return lambda told: told.replace("module.inside.", "")


def _take_literals(files: list[Path], scope: str) -> dict[str, str]:
    """Replace the literal texts of arguments of resources; their values by new names."""
    moved: dict[str, str] = {}
    for path in files:
        text = path.read_text()
        edits: list[tuple[int, int, str]] = []
        for block in blocks_of(text):
            if block.type != "resource":
                continue
            for attribute in block.body.attributes.values():
                value = attribute.expression
                if not isinstance(value, Template) or text[value.start] != '"':
                    continue
                if len(value.parts) != 1 or not isinstance(value.parts[0], Text):
                    continue
                name = f"moved_{len(moved)}"
                moved[name] = text[value.start + 1 : value.end - 1]
                edits.append((value.start, value.end, f"{scope}.{name}"))
        for start, end, new in reversed(edits):
            text = text[:start] + new + text[end:]
        path.write_text(text)
    return moved


def in_overlay(folder: Path) -> Back:
    """Service accounts of workloads, and types of policies, move into patches."""
    homes: dict[Path, list[str]] = {}
    patches: dict[Path, list[str]] = {}
    for path, documents in list(plain_documents(folder)):
        homes.setdefault(path.parent, []).append(path.name)
        kept = []
        for document in documents:
            left, patch = _patched(document)
            kept.append(left)
            if patch:
                patches.setdefault(path.parent, []).append(patch)
        path.write_text("\n---\n".join(kept) + "\n")
    for home, found in patches.items():
        (home / "patches").mkdir()
        lines = ["resources:", *(f"  - {name}" for name in homes[home]), "patches:"]
        for number, patch in enumerate(found):
            (home / f"patches/{number}.yaml").write_text(patch)
            lines.append(f"  - path: patches/{number}.yaml")
        (home / "kustomization.yaml").write_text("\n".join(lines) + "\n")
    return same


def _patched(document: str) -> tuple[str, str]:
    """A document without one of its values, and the patch that brings it back."""
    kind = _KIND.search(document)
    api = re.search(r"(?m)^apiVersion: (.+)$", document)
    name = re.search(r"(?m)^  name: ([\w.-]+)$", document)
    space = re.search(r"(?m)^  namespace: ([\w.-]+)$", document)
    account = re.search(r"(?m)^ {6}serviceAccountName: ([\w.-]+)\n", document)
    if not (kind and api and name and space and account) or kind[1] not in _PODS:
        return document, ""
    head = f"apiVersion: {api[1]}\nkind: {kind[1]}\n"
    head += f"metadata:\n  name: {name[1]}\n  namespace: {space[1]}\n"
    patch = f"spec:\n  template:\n    spec:\n{account[0]}"
    return document.replace(account[0], ""), head + patch


# -- blocks --------------------------------------------------------------------------


def in_for_each(folder: Path) -> Back:
    """Every resource that is there once is there once by a for_each of one key."""
    for files in terraform_folders(folder).values():
        wrapped: set[tuple[str, str]] = set()
        for path in files:
            text = path.read_text()
            for block in reversed(blocks_of(text)):
                attributes = block.body.attributes
                if block.type != "resource" or {"for_each", "count"} & set(attributes):
                    continue
                kind, name = (label.value for label in block.labels)
                wrapped.add((kind, name))
                at = text.index("{", block.header_end) + 1
                text = f'{text[:at]}\n  for_each = toset(["only"])\n{text[at:]}'
            path.write_text(text)
        for path in files:
            text = path.read_text()
            for kind, name in sorted(wrapped):
                dotted = rf"(?<![\w.-]){kind}\.{name}(?=\.)"
                text = re.sub(dotted, r'\g<0>["only"]', text)
            path.write_text(text)
    return lambda told: told.replace('["only"]', "")


def inlined(folder: Path) -> Back:
    """Modules that are called without a loop are written out where they are called."""
    before = roots(folder)
    for home, files in before.items():
        for path in files:
            text = path.read_text()
            for block in reversed(blocks_of(text)):
                made = _inline(home, text, block) if block.type == "module" else None
                if made is None:
                    continue
                body, outputs = made
                name = block.labels[0].value
                text = text[: block.start] + body + text[block.end :]
                for other in files:
                    if other != path:
                        other.write_text(_put_outputs(other.read_text(), name, outputs))
                text = _put_outputs(text, name, outputs)
            path.write_text(text)
    for home in roots(folder).keys() - before.keys():
        shutil.rmtree(home)  # nobody calls it any more
    return lambda told: re.sub(r"(?<![\w.])(\w+)\.(\w+)__in__", r"module.\2.\1.", told)


def _put_outputs(text: str, name: str, outputs: dict[str, str]) -> str:
    for output, expression in outputs.items():
        text = re.sub(
            rf"(?<![\w.-])module\.{name}\.{output}(?![\w-])",
            lambda _, e=expression: f"({e})",
            text,
        )
    return text


def _inline(home: Path, text: str, call: Block) -> tuple[str, dict[str, str]] | None:
    """The blocks of a module with its arguments put in, and its outputs."""
    attributes = call.body.attributes
    if {"for_each", "count", "providers", "depends_on"} & set(attributes):
        return None
    if call.body.blocks or not argument(text, call).startswith("."):
        return None
    name = call.labels[0].value
    inner = "\n".join(
        path.read_text() for path in sorted((home / argument(text, call)).glob("*.tf"))
    )
    blocks = blocks_of(inner)
    if any(b.type in ("module", "locals") for b in blocks) or "path.module" in inner:
        return None
    given = {
        key: text[a.expression.start : a.expression.end]
        for key, a in attributes.items()
        if key != "source"
    }
    labels: list[tuple[str, ...]] = []
    outputs: dict[str, str] = {}
    kept: list[str] = []
    for block in blocks:
        piece = inner[block.start : block.end]
        if block.type == "variable":
            default = block.body.attributes.get("default")
            if default is not None:
                e = default.expression
                given.setdefault(block.labels[0].value, inner[e.start : e.end])
        elif block.type == "output":
            e = block.body.attributes["value"].expression
            outputs[block.labels[0].value] = inner[e.start : e.end]
        elif block.type in ("resource", "data"):
            labels.append(tuple(label.value for label in block.labels))
            kept.append(piece)
    text = "\n\n".join(kept)

    def put(piece: str) -> str:
        for kind, label in labels:
            dotted = rf"(?:(?<=data\.)|(?<![\w.-])){kind}\.{label}(?![\w-])"
            piece = re.sub(dotted, f"{kind}.{name}__in__{label}", piece)
            piece = piece.replace(
                f'"{kind}" "{label}"', f'"{kind}" "{name}__in__{label}"'
            )
        for key, expression in given.items():
            piece = re.sub(
                rf"(?<![\w.-])var\.{key}(?![\w-])",
                lambda _, e=expression: f"({e})",
                piece,
            )
        return piece

    return put(text), {key: put(value) for key, value in outputs.items()}


#: What changes neither addresses nor anything else that is told.
SILENT: tuple[Rewriting, ...] = (
    with_comments,
    with_crlf,
    with_others,
    files_renamed,
    reordered,
    split,
    merged,
    in_variables,
    in_locals,
    in_overlay,
)
#: What changes addresses, and nothing else.
RENAMING: tuple[Rewriting, ...] = (
    resources_renamed,
    modules_renamed,
    in_arguments,
    in_for_each,
    inlined,
)
