"""One root with several variable files: each is judged, none hides another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsec_lint.commands.scan import plain_scan

if TYPE_CHECKING:
    from pathlib import Path

MAIN = """\
variable "acl" {
  type = string
}

resource "aws_s3_bucket" "weights" {
  bucket = "lab-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_acl" "weights" {
  bucket = aws_s3_bucket.weights.id
  acl    = var.acl
}
"""


def test_each_variant_is_judged_by_itself(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(MAIN)
    (tmp_path / "dev.tfvars").write_text('acl = "public-read"\n')
    (tmp_path / "prod.tfvars").write_text('acl = "private"\n')
    config = "tfvars:\n  .: [prod.tfvars, dev.tfvars]\n"
    (tmp_path / ".mlsec-lint.yaml").write_text(config)
    result = plain_scan(str(tmp_path), "--rule", "weights-no-public-access")
    (finding,) = [f for f in result.findings if f.fact == "public.acl"]

    assert finding.subject == ".[dev.tfvars]:aws_s3_bucket.weights"
    assert finding.span.line == 12
    assert "dev.tfvars" in [step.span.path for step in finding.trail]
    assert set(result.summary.weight_stores) == {
        ".[dev.tfvars]:aws_s3_bucket.weights",
        ".[prod.tfvars]:aws_s3_bucket.weights",
    }
