"""Plan files without and with their configuration."""

from __future__ import annotations

import json

from mlsec_lint.discovery import discover
from mlsec_lint.terraform.plan import read_plan
from mlsec_lint.value import Symbol

PLAN = {
    "format_version": "1.2",
    "variables": {"acl": {"value": "public-read"}},
    "planned_values": {
        "root_module": {
            "resources": [
                {
                    "address": "aws_s3_bucket.w",
                    "mode": "managed",
                    "type": "aws_s3_bucket",
                    "name": "w",
                    "values": {
                        "acl": "public-read",
                        "force_destroy": False,
                        "tags": None,
                    },
                    "sensitive_values": {},
                }
            ],
            "child_modules": [
                {
                    "address": "module.m[0]",
                    "resources": [
                        {
                            "address": 'module.m[0].aws_s3_bucket_policy.p["a"]',
                            "mode": "managed",
                            "type": "aws_s3_bucket_policy",
                            "name": "p",
                            "index": "a",
                            "values": {"policy": "{}", "secret": "s"},
                            "sensitive_values": {"secret": True},
                        }
                    ],
                }
            ],
        }
    },
    "resource_changes": [
        {
            "address": "aws_s3_bucket.w",
            "change": {"after_unknown": {"arn": True, "id": True}},
        },
        {
            "address": 'module.m[0].aws_s3_bucket_policy.p["a"]',
            "change": {"after_unknown": {"bucket": True, "id": True}},
        },
    ],
    "configuration": {
        "provider_config": {
            "aws": {
                "name": "aws",
                "full_name": "registry.terraform.io/hashicorp/aws",
                "version_constraint": "~> 5.0",
                "expressions": {"region": {"constant_value": "eu-west-1"}},
            }
        },
        "root_module": {
            "resources": [
                {
                    "address": "aws_s3_bucket.w",
                    "provider_config_key": "aws",
                    "expressions": {"acl": {"references": ["var.acl"]}},
                }
            ],
            "module_calls": {
                "m": {
                    "source": "./m",
                    "expressions": {
                        "bucket": {
                            "references": ["aws_s3_bucket.w.id", "aws_s3_bucket.w"]
                        }
                    },
                    "module": {
                        "resources": [
                            {
                                "address": "aws_s3_bucket_policy.p",
                                "provider_config_key": "aws",
                                "expressions": {
                                    "bucket": {"references": ["var.bucket"]},
                                    "policy": {"constant_value": "{}"},
                                },
                            }
                        ]
                    },
                }
            },
        },
    },
}
CONFIGURATION = {
    "main.tf": 'variable "acl" {}\nresource "aws_s3_bucket" "w" {\n  acl = var.acl\n}\n'
    'module "m" {\n  source = "./m"\n  count  = 1\n  bucket = aws_s3_bucket.w.id\n}\n',
    "m/main.tf": 'variable "bucket" {}\nresource "aws_s3_bucket_policy" "p" {\n'
    '  for_each = toset(["a"])\n  bucket   = var.bucket\n  policy   = "{}"\n}\n',
}


def by_address(root):
    return {resource.address: resource for resource in root.resources}


def test_values_stand_where_the_plan_has_them():
    text = json.dumps(PLAN, indent=1)
    found = by_address(read_plan(text, path="out/plan.json"))
    acl = found["aws_s3_bucket.w"].values.get("acl")
    assert acl.data == "public-read"
    assert acl.span.path == "out/plan.json"
    assert text.splitlines()[acl.span.line - 1].strip() == '"acl": "public-read",'
    assert "arn" not in found["aws_s3_bucket.w"].values.data
    assert found["aws_s3_bucket.w"].provider.values.get("region").data == "eu-west-1"
    assert found["aws_s3_bucket.w"].provider.version == "~> 5.0"


def test_an_unknown_refers_through_the_module_call():
    found = by_address(read_plan(json.dumps(PLAN)))
    policy = found['module.m[0].aws_s3_bucket_policy.p["a"]']
    assert (policy.module, policy.index) == ("module.m[0]", "a")
    bucket = policy.values.get("bucket")
    assert bucket.unknown.kind == "resource"
    assert bucket.unknown.symbol == Symbol("aws_s3_bucket.w", ("id",))
    assert policy.values.get("secret").sensitive


def test_a_plan_takes_places_and_trails_from_its_configuration(write):
    folder = write(**CONFIGURATION)
    tree = discover(str(folder), use_git=False)
    root = read_plan(json.dumps(PLAN), tree)
    found = by_address(root)
    assert list(found) == ["aws_s3_bucket.w", 'module.m[0].aws_s3_bucket_policy.p["a"]']
    acl = found["aws_s3_bucket.w"].values.get("acl")
    assert acl.data == "public-read"
    assert acl.entry().text == "acl = var.acl"
    assert acl.trail[0].words == "var.acl in plan.json"
    policy = found['module.m[0].aws_s3_bucket_policy.p["a"]']
    assert (policy.span.path, policy.span.line) == ("m/main.tf", 2)
    assert policy.values.get("bucket").unknown.symbol == Symbol(
        "aws_s3_bucket.w", ("id",)
    )
    assert root.notes == []


def test_another_configuration_is_not_taken_for_the_plans_own(write):
    folder = write(
        **{"main.tf": 'resource "aws_vpc" "v" {}\nresource "aws_vpc" "w" {}\n'}
    )
    root = read_plan(json.dumps(PLAN), discover(str(folder), use_git=False))
    assert [note.kind for note in root.notes] == ["plan-without-configuration"]
    assert len(root.resources) == 2


def test_what_is_no_plan_is_said():
    for text in ("", "{", "[]", '{"values": {}}', "not json"):
        root = read_plan(text)
        assert root.resources == []
        assert root.notes[-1].kind == "plan-not-read"
        assert root.notes[-1].incomplete
