"""What changes no way out: names and number of files, order, a module around it.

The rules' own bad cases are rewritten and scanned again; source, sink, hops and
fingerprints stay, but for the addresses that a rewriting changes.
"""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path

import pytest

from mlsec_lint.commands.scan import plain_scan

POLICIES = Path(__file__).resolve().parent.parent / "policies/paths"
CASES = [
    pytest.param(case, id=f"{case.parent.parent.name}/{case.name}")
    for case in sorted(POLICIES.glob("*/bad/*"))
]
#: Cases with Terraform in one folder only: others have roots whose names are addresses.
FLAT = [case for case in CASES if list(case.values[0].glob("*.tf"))]

Paths = set[tuple[str, str, str]]


def paths(folder: Path) -> Paths:
    """Fingerprint, verdict and text of every path, without lines."""
    result = plain_scan(str(folder), "--baseline", "SL4")
    return {
        (f.fingerprint(), f.verdict.value, f"{f.rule}: {f.path}")
        for f in result.findings
        if f.path is not None
    }


@cache
def original(case: Path) -> Paths:
    found = paths(case)
    assert any(verdict == "fail" for _, verdict, _ in found)
    return found


def copied(case: Path, target: Path) -> Path:
    shutil.copytree(case, target)
    return target


@pytest.mark.parametrize("case", CASES)
def test_lines_that_move_change_nothing(case: Path, tmp_path: Path) -> None:
    folder = copied(case, tmp_path / "moved")
    for path in folder.rglob("*"):
        if path.suffix in {".tf", ".yaml"} and not path.name.startswith("."):
            path.write_text("# a comment\n\n" + path.read_text())
    assert paths(folder) == original(case)


@pytest.mark.parametrize("case", FLAT)
def test_files_of_other_names_change_nothing(case: Path, tmp_path: Path) -> None:
    folder = copied(case, tmp_path / "renamed")
    for number, path in enumerate(sorted(folder.glob("*.tf"), reverse=True)):
        path.rename(folder / f"part{number}.tf")
    assert paths(folder) == original(case)


@pytest.mark.parametrize("case", FLAT)
def test_blocks_in_one_file_and_in_another_order_change_nothing(
    case: Path, tmp_path: Path
) -> None:
    folder = copied(case, tmp_path / "joined")
    blocks: list[str] = []
    for path in sorted(folder.glob("*.tf")):
        blocks += re.split(r"\n(?=\w)", path.read_text().strip())
        path.unlink()
    (folder / "main.tf").write_text("\n\n".join(reversed(blocks)) + "\n")
    assert paths(folder) == original(case)


@pytest.mark.parametrize("case", FLAT)
def test_a_module_around_it_changes_the_addresses_alone(
    case: Path, tmp_path: Path
) -> None:
    folder = copied(case, tmp_path / "wrapped")
    inner = folder / "modules/all"
    inner.mkdir(parents=True)
    providers = ""
    for path in sorted(folder.glob("*.tf")):
        blocks = re.split(r"\n(?=\w)", path.read_text().strip())
        providers += "".join(f"{b}\n" for b in blocks if b.startswith("provider "))
        rest = [b for b in blocks if not b.startswith("provider ")]
        (inner / path.name).write_text("\n\n".join(rest) + "\n")
        path.unlink()
    if "alias" in providers:
        pytest.skip("providers with aliases are handed over by name")
    call = 'module "all" {\n  source = "./modules/all"\n}\n'
    (folder / "main.tf").write_text(f"{providers}\n{call}")
    found = {text.replace("module.all.", "") for _, _, text in paths(folder)}
    assert found == {text for _, _, text in original(case)}
