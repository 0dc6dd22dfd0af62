"""A list of names that are known after apply can be flattened: they are no lists."""

from __future__ import annotations

import pytest

from mlsec_lint.discovery import discover
from mlsec_lint.terraform import evaluate_roots
from mlsec_lint.value import Unknown

CONFIG = """
resource "aws_s3_bucket" "b" {{
  for_each = toset(["x", "y"])
  bucket   = "lab-${{each.key}}"
}}
resource "aws_sqs_queue" "q" {{
  name   = "q"
  policy = jsonencode({{ Resource = flatten([for b in aws_s3_bucket.b : [b.{name}, "${{b.arn}}/*"]]) }})
}}
"""


@pytest.mark.parametrize(
    ("name", "elements"),
    [("arn", 4), ("id", 4), ("lifecycle_rule", None), ("cors_rule[0].id", None)],
)
def test_a_computed_attribute_is_flattened_where_its_name_says_it_is_a_text(
    tmp_path, name, elements
):
    (tmp_path / "main.tf").write_text(CONFIG.format(name=name))
    [root] = evaluate_roots(discover(str(tmp_path)))
    [queue] = [r for r in root.resources if r.type == "aws_sqs_queue"]
    structure = queue.values.get("policy").origin[1]
    listed = structure.get("Resource")
    if elements is None:
        assert isinstance(listed.data, Unknown)
    else:
        assert len(listed.elements()) == elements
        assert [e.unknown.symbol is not None for e in listed.elements()[::2]] == [
            True
        ] * 2
