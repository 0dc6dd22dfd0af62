"""The hook with the real pre-commit: one commit that passes, one that is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
SAFE = """\
resource "aws_s3_bucket" "logs" {
  bucket = "lab-logs"
}
"""
OPEN = """\
resource "aws_s3_bucket" "weights" {
  bucket = "lab-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_acl" "weights" {
  bucket = aws_s3_bucket.weights.id
  acl    = var.acl
}
"""
DEFAULT = 'variable "acl" {\n  default = "public-read"\n}\n'

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("git"), reason="needs git"),
    pytest.mark.skipif(
        not (PROJECT / ".git").exists(), reason="pre-commit clones a git checkout"
    ),
]


def git(repository: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(repository), *arguments], check=True)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One pre-commit store for the module: the hook's environment is made once."""
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "user.email", "dev@lab.example")
    git(tmp_path, "config", "user.name", "dev")
    (tmp_path / "logs.tf").write_text(SAFE)
    git(tmp_path, "add", ".")
    return tmp_path


def try_hook(repository: Path, cache: Path) -> subprocess.CompletedProcess[str]:
    import sys

    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", str(PROJECT), "mlsec-lint"],
        cwd=repository,
        capture_output=True,
        text=True,
        env={**os.environ, "PRE_COMMIT_HOME": str(cache)},
    )


def test_a_safe_commit_passes(repository: Path, cache: Path) -> None:
    done = try_hook(repository, cache)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout


def test_an_unsafe_commit_is_refused(repository: Path, cache: Path) -> None:
    """Only the default is staged now; the bucket that it opens was there before."""
    (repository / "store.tf").write_text(OPEN)
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "store")
    (repository / "variables.tf").write_text(DEFAULT)
    git(repository, "add", ".")
    done = try_hook(repository, cache)

    assert done.returncode != 0
    assert "Failed" in done.stdout
    assert "store.tf" in done.stdout
    assert "weights-no-public-access" in done.stdout
