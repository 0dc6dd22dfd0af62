"""A file system that exports by itself is a way out of the weights on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlsec_lint.scan import read, survey
from mlsec_lint.value import Unknown

if TYPE_CHECKING:
    from pathlib import Path

    from mlsec_lint.estate import Estate

ROOT = """\
provider "aws" {
  region = "us-west-2"
}
variable "path" {
  default = "%s"
}
resource "aws_s3_bucket" "runs" {
  bucket = "lab-runs"
}
resource "aws_fsx_lustre_file_system" "scratch" {
  subnet_ids = ["subnet-1"]
  tags       = { "mlsec/holds" = "weights" }
}
resource "aws_fsx_data_repository_association" "runs" {
  file_system_id       = aws_fsx_lustre_file_system.scratch.id
  data_repository_path = var.path
  file_system_path     = "/"
  s3 {
    %s {
      events = ["NEW", "CHANGED"]
    }
  }
}
"""


def estate_of(folder: Path, path: str, policy: str) -> Estate:
    (folder / "main.tf").write_text(ROOT % (path, policy))
    return survey(read(str(folder)))


def test_an_export_is_a_copy_that_takes_the_weights_along(tmp_path: Path) -> None:
    estate = estate_of(tmp_path, "s3://lab-runs/out", "auto_export_policy")
    (copy,) = estate.of("copy")
    (edge,) = estate.edges_from(copy, "copies to")

    assert copy.facts["service"].value == "fsx-export"
    assert copy.span.line == 20
    assert copy.facts["place.region"].value == "us-west-2"
    assert edge.target.address == "aws_s3_bucket.runs"
    assert edge.target.facts["weights.held"].value is True


def test_an_export_to_nobody_knows_where_has_no_known_place(tmp_path: Path) -> None:
    estate = estate_of(tmp_path, "", "auto_export_policy")
    (copy,) = estate.of("copy")

    assert estate.edges_from(copy, "copies to") == []
    assert isinstance(copy.facts["place.region"].value, Unknown)


@pytest.mark.parametrize("path", ["s3://lab-runs/in", ""])
def test_an_import_is_no_copy(tmp_path: Path, path: str) -> None:
    assert list(estate_of(tmp_path, path, "auto_import_policy").of("copy")) == []
