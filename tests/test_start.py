"""The start path: `--version` and `--help` import no parser and no validator."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "yaml", "jsonschema", "re2", "regex", "pathspec", "rich", "mlsec_lint.parse",
    "mlsec_lint.terraform", "mlsec_lint.kubernetes", "mlsec_lint.lower",
    "mlsec_lint.estate", "mlsec_lint.rules", "mlsec_lint.scan", "dataclasses",
)  # fmt: skip


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_start_path_is_light(option: str) -> None:
    program = (
        "import sys\n"
        "from mlsec_lint.cli import main\n"
        "try:\n"
        f"    main([{option!r}])\n"
        "except SystemExit as end:\n"
        "    assert end.code == 0\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stderr.strip() == "[]"
    assert "mlsec-lint" in done.stdout


def test_python_dash_m_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mlsec_lint", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.startswith("mlsec-lint ")


@pytest.mark.parametrize("arguments", [[], ["no-such-command"], ["scan", "--no-such"]])
def test_usage_errors_exit_2(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mlsec_lint", *arguments], capture_output=True, text=True
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr
