"""Rewrites of a repository that change nothing: what `diff` must be silent about."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_BLOCK = re.compile(
    r"^[a-z][^\n]*\{(?:[^\n]*\}[ \t]*$|[ \t]*$.*?^\})\n?", re.MULTILINE | re.DOTALL
)
_RESOURCE = re.compile(r'^resource "([a-z0-9_]+)" "([A-Za-z0-9_-]+)"', re.MULTILINE)
_CALL = re.compile(r'source\s*=\s*"[^"\n]*?([^"/\n]+)/?"')
_HEREDOC = re.compile(r"<<[-~]?")


def _terraform(root: Path) -> list[Path]:
    return sorted(root.rglob("*.tf"))


def _yaml(root: Path) -> list[Path]:
    return sorted([*root.rglob("*.yaml"), *root.rglob("*.yml")])


def comment(root: Path) -> None:
    """New lines at the head of every file: everything else moves down."""
    for path in [*_terraform(root), *_yaml(root)]:
        text = path.read_text(encoding="utf-8")
        path.write_text(f"# a remark\n\n# another\n{text}", encoding="utf-8")


def rename_files(root: Path) -> None:
    """Every Terraform file has another name."""
    for path in _terraform(root):
        path.rename(path.with_name(f"renamed_{path.name}"))


def reverse(root: Path) -> None:
    """Blocks and documents in another order."""
    for path in _terraform(root):
        blocks = _blocks(path)
        if blocks:
            path.write_text("\n".join(reversed(blocks)), encoding="utf-8")


def split(root: Path) -> None:
    """Every block of Terraform in a file of its own."""
    for path in _terraform(root):
        for number, block in enumerate(_blocks(path)):
            piece = path.with_name(f"{path.stem}_{number}.tf")
            piece.write_text(block, encoding="utf-8")
        path.unlink()


def _blocks(path: Path) -> list[str]:
    return _BLOCK.findall(path.read_text(encoding="utf-8"))


def rename_resources(root: Path) -> None:
    """Every managed resource has another name, and all that refer to it say so."""
    folders: dict[Path, set[tuple[str, str]]] = {}
    for path in _terraform(root):
        found = _RESOURCE.findall(path.read_text(encoding="utf-8"))
        folders.setdefault(path.parent, set()).update(found)
    for path in _terraform(root):
        text = path.read_text(encoding="utf-8")
        for kind, name in sorted(folders[path.parent]):
            text = re.sub(
                rf'^resource "{kind}" "{re.escape(name)}"',
                f'resource "{kind}" "{name}_new"',
                text,
                flags=re.MULTILINE,
            )
            text = re.sub(
                rf"(?<![\w.]){kind}\.{re.escape(name)}(?![\w-])",
                f"{kind}.{name}_new",
                text,
            )
        path.write_text(text, encoding="utf-8")


def reformat(root: Path) -> None:
    """Twice the indentation, and blank lines, where no text is quoted over lines."""
    for path in _terraform(root):
        text = path.read_text(encoding="utf-8")
        if not _HEREDOC.search(text):
            wide = re.sub(r"^( +)", r"\1\1", text, flags=re.MULTILINE)
            path.write_text(wide.replace("\n}\n", "\n\n}\n\n\n"), encoding="utf-8")


def another_root(root: Path) -> None:
    """A root of no interest: addresses of all others begin with their folder now."""
    folder = root / "zz-unrelated"
    folder.mkdir()
    text = 'resource "null_resource" "nothing" {}\n'
    (folder / "main.tf").write_text(text, encoding="utf-8")


def move_folders(root: Path) -> None:
    """The whole repository one folder further down."""
    inner = root / "moved" / "below"
    names = [p for p in sorted(root.iterdir()) if not p.name.startswith(".")]
    inner.mkdir(parents=True)
    for path in names:
        shutil.move(str(path), str(inner / path.name))


REWRITES: tuple[Callable[[Path], None], ...] = (
    comment,
    rename_files,
    reverse,
    split,
    rename_resources,
    reformat,
    another_root,
    move_folders,
)


def rename_documents(root: Path) -> None:
    """Every YAML file has another name, and all that name it say so."""
    named = [p for p in _yaml(root) if not p.name.startswith((".", "kustomization"))]
    kept = ("Chart.yaml", "values", "dvc.yaml", "skypilot", "docker-compose")
    moved = [p for p in named if not p.name.startswith(kept)]
    scripts = [
        p for p in sorted(root.rglob("*")) if p.suffix in (".sh", ".sbatch", ".md")
    ]
    for path in [*_yaml(root), *_terraform(root), *scripts]:
        text = path.read_text(encoding="utf-8")
        for other in moved:
            text = re.sub(
                rf"(?<![\w-]){re.escape(other.name)}(?![\w-])", f"x-{other.name}", text
            )
        path.write_text(text, encoding="utf-8")
    for path in moved:
        path.rename(path.with_name(f"x-{path.name}"))


def move_roots(root: Path) -> None:
    """Every root of Terraform that names no folder, and is named by none, goes elsewhere."""
    files = {p: p.read_text(encoding="utf-8") for p in _terraform(root)}
    called = {name for text in files.values() for name in _CALL.findall(text)}
    for path in sorted({p.parent for p in files if p.parent.name not in called}):
        text = "".join(p.read_text(encoding="utf-8") for p in path.glob("*.tf"))
        inner = any(p.is_dir() for p in path.iterdir())
        if (
            path != root
            and not inner
            and "path.module" not in text
            and ".." not in text
        ):
            new = root / "elsewhere" / f"{path.name}-now"
            new.parent.mkdir(exist_ok=True)
            shutil.move(str(path), str(new))


REWRITES = (*REWRITES, rename_documents, move_roots)
