"""The structure of the program, executed: imports go down only, files stay readable."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "mlsec_lint"

#: Floors from the ground up. A module may import from its own or a lower floor; what
#: it may not import from its own floor is listed in APART.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("source", "patterns"),
    ("value", "finding", "change", "picture"),
    ("discovery", "estate", "parse"),
    ("terraform", "kubernetes"),
    ("lower",),
    ("trace",),
    ("rules", "report"),
    ("scan", "compare"),
    ("commands",),
    ("cli",),
    ("__main__",),
)
#: Parts of one floor that know nothing of each other.
APART = {
    ("estate", "parse"),
    ("estate", "discovery"),
    ("parse", "estate"),
    ("discovery", "estate"),
    ("discovery", "parse"),
    ("report", "rules"),
    ("rules", "report"),
    ("terraform", "kubernetes"),
    ("value", "finding"),
}
#: Floors that may not be seen from above either: meaning knows no syntax.
BLIND = {
    "trace": {"parse", "terraform", "kubernetes", "lower"},
    "rules": {"parse", "terraform", "kubernetes", "lower", "discovery"},
    "report": {"estate", "parse", "terraform", "kubernetes", "lower", "trace"},
}
BANNED_NAMES = {"utils", "util", "common", "base", "core", "helpers", "manager", "misc"}


def floor_of(part: str) -> int:
    for number, parts in enumerate(FLOORS):
        if part in parts:
            return number
    raise AssertionError(f"{part} stands on no floor: add it to FLOORS")


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def type_checking_only(tree: ast.Module) -> set[ast.AST]:
    """Nodes under `if TYPE_CHECKING:`: contracts between siblings, not imports."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.If)
            and isinstance(node.test, ast.Name)
            and node.test.id == "TYPE_CHECKING"
        ):
            found.update(n for child in node.body for n in ast.walk(child))
    return found


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = type_checking_only(tree)
    found = set()
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [node.module or ""]
            if node.module == "mlsec_lint":
                names = [f"mlsec_lint.{alias.name}" for alias in node.names]
        else:
            continue
        found.update(n.split(".")[1] for n in names if n.startswith("mlsec_lint."))
    return found - {"__version__"}


def modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if "policies" not in p.parts)


def test_imports_go_down_only() -> None:
    wrong = []
    for path in modules():
        part = part_of(path)
        if part == "__init__":
            continue
        for other in imports(path) - {part}:
            below = floor_of(other) <= floor_of(part)
            if not below or (part, other) in APART or other in BLIND.get(part, ()):
                wrong.append(f"{path.relative_to(PACKAGE)} imports {other}")

    assert wrong == []


def test_no_import_cycles_between_modules() -> None:
    """Depth-first search over the run-time imports of every module."""
    graph: dict[str, set[str]] = {}
    names = {module_name(p): p for p in modules()}
    for name, path in names.items():
        graph[name] = top_level_imports(path, set(names))
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join((*way, name))
        if name in done:
            return
        for other in sorted(graph[name]):
            visit(other, (*way, name))
        done.add(name)

    for name in sorted(graph):
        visit(name, ())


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def top_level_imports(path: Path, known: set[str]) -> set[str]:
    """Modules imported when this one is: not late ones, not those for types only."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if inner in known else node.module)
    return (found & known) - {module_name(path)}


def test_files_stay_under_500_lines() -> None:
    long = {
        str(p.relative_to(PACKAGE)): n
        for p in modules()
        if (n := len(p.read_text(encoding="utf-8").splitlines())) > 500
    }

    assert long == {}


def test_names_say_something() -> None:
    assert [p for p in modules() if p.stem in BANNED_NAMES] == []


def is_broad(node: ast.AST) -> bool:
    if not isinstance(node, ast.ExceptHandler):
        return False
    name = node.type.id if isinstance(node.type, ast.Name) else ""
    return node.type is None or name in {"Exception", "BaseException"}


def test_one_broad_handler_in_the_command_line() -> None:
    broad = [
        path.name
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if is_broad(node)
    ]

    assert broad == ["cli.py"]
