"""The console and the JSON of `resources`: forms that others build on."""

from __future__ import annotations

import json

import pytest

from mlsec_lint.terraform import console, evaluate_root
from mlsec_lint.terraform.forms import resources_lines, type_text
from mlsec_lint.terraform.types import NUMBER, STRING, list_of, object_of, tuple_of


def test_a_value_with_its_type_and_masks(write):
    folder = write(
        **{"main.tf": 'variable "p" {\n  sensitive = true\n  default = "x"\n}\n'}
    )
    made = console.evaluate(str(folder), "{ a = [1, var.p] }").to_json()
    assert made == {
        "value": {"a": [1, "x"]},
        "type": ["object", {"a": ["tuple", ["number", "string"]]}],
        "unknown": {"a": [False, False]},
        "sensitive": {"a": [False, True]},
    }


def test_unknown_parts_are_left_out_or_null(write):
    folder = write(**{"main.tf": 'resource "terraform_data" "u" {}\n'})
    made = console.evaluate(
        str(folder), "{ a = terraform_data.u.id, b = [terraform_data.u.id, 1] }"
    )
    assert made.to_json() == {
        "value": {"b": [None, 1]},
        "type_text": "object({\n    a: string,\n    b: tuple([\n        string,\n        number,\n    ]),\n})",
        "unknown": {"a": True, "b": [True, False]},
        "sensitive": {"b": [False, False]},
    }


@pytest.mark.parametrize(
    ("expression", "phase", "summary"),
    [
        ("1 +", "parse", "Invalid expression"),
        ("local.nope", "validate", "Reference to undeclared local value"),
        ("try(local.nope, 1)", "validate", "Reference to undeclared local value"),
        (
            "try(each.key, 1)",
            "validate",
            'Reference to "each" in context without for_each',
        ),
        ('tonumber("x")', "validate", "Invalid function argument"),
        ("terraform_data.u.input.x", "plan", "Unsupported attribute"),
    ],
)
def test_what_terraform_refuses(write, expression, phase, summary):
    folder = write(
        **{"main.tf": 'resource "terraform_data" "u" {\n  input = { a = 1 }\n}\n'}
    )
    made = console.evaluate(str(folder), expression).to_json()
    assert made["error"] is True
    assert (made["phase"], made["diagnostics"][0]["summary"]) == (phase, summary)


def test_a_range_is_where_the_oracle_has_it(write):
    folder = write(**{"main.tf": ""})
    made = console.evaluate(str(folder), "1 + local.nope").to_json()
    assert made["diagnostics"][0]["range"] == {
        "filename": "r.tf",
        "start": {"line": 2, "column": 13, "byte": 21},
        "end": {"line": 2, "column": 23, "byte": 31},
    }


def test_variables_and_workspace(write):
    folder = write(**{"main.tf": 'variable "l" {\n  type = list(string)\n}\n'})
    made = console.evaluate(
        str(folder), "[terraform.workspace, var.l]", {"l": '["a"]'}, "prod"
    )
    assert made.to_json()["value"] == ["prod", ["a"]]


def test_a_value_that_json_cannot_hold(write):
    folder = write(**{"main.tf": ""})
    made = console.evaluate(str(folder), "[1 / 0]").to_json()
    assert made == {
        "not_serialisable": True,
        "console_text": "tuple([\n    number,\n])",
    }


def test_the_console_gives_trail_and_value(write):
    folder = write(**{"main.tf": 'variable "a" {\n  default = "d"\n}\n'})
    result = console.evaluate(str(folder), "var.a")
    assert result.errors == []
    assert [step.words for step in result.value.trail] == ["default of var.a"]


def test_resources_as_json(write):
    folder = write(
        **{
            "main.tf": 'variable "acl" {}\nresource "aws_s3_bucket" "w" {\n  bucket = "w"\n'
            "  acl = var.acl\n  versioning {\n    enabled = true\n  }\n}\n"
            'output "arn" {\n  value = aws_s3_bucket.w.arn\n}\n'
        }
    )
    made = evaluate_root(str(folder)).to_json()
    json.dumps(made)
    resource = made["resources"]["aws_s3_bucket.w"]
    assert {k: resource[k] for k in ("type", "name", "mode", "file", "line")} == {
        "type": "aws_s3_bucket",
        "name": "w",
        "mode": "managed",
        "file": "main.tf",
        "line": 2,
    }
    assert resource["values"] == {"bucket": "w", "versioning": [{"enabled": True}]}
    assert resource["unknown"] == {"acl": True, "versioning": [{}]}
    assert resource["reasons"] == {"acl": "variable: var.acl has no default"}
    assert resource["lines"] == {"acl": 4, "bucket": 3, "versioning": 5}
    assert made["outputs"]["arn"]["unknown"] is True
    assert [n["kind"] for n in made["notes"]] == ["variable-without-value"]


def test_secrets_are_not_in_the_text(write):
    folder = write(
        **{
            "main.tf": 'variable "p" {\n  sensitive = true\n  default = "hunter2"\n}\n'
            'resource "aws_x" "y" {\n  a = "open"\n  b = { c = "x${var.p}" }\n}\n'
        }
    )
    text = "\n".join(resources_lines(evaluate_root(str(folder)).root))
    assert "hunter2" not in text
    assert '"open"' in text


def test_types_as_the_console_prints_them():
    inner = object_of({"a": STRING, "b-c": NUMBER})
    assert type_text(list_of(STRING)) == "list(string)"
    assert (
        type_text(list_of(inner))
        == "list(\n    object({\n        a: string,\n        b-c: number,\n    }),\n)"
    )
    assert type_text(tuple_of(())) == "tuple([])"
