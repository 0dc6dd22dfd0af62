"""Folders, roots, modules, variables, providers: what is read and what is a root."""

from __future__ import annotations

import pytest

from mlsec_lint.terraform import evaluate_root
from mlsec_lint.terraform.checks import meets

BUCKET = 'variable "name" {\n  default = "n"\n}\nresource "aws_s3_bucket" "b" {\n  bucket = var.name\n}\n'


def addresses(root):
    return [resource.address for resource in root.resources]


def kinds(root):
    return [note.kind for note in root.notes]


def test_a_folder_that_is_called_is_no_root(roots):
    found = roots(
        **{
            "live/main.tf": 'module "a" {\n  source = "../modules/s"\n  name = "x"\n}\n'
            'module "b" {\n  source = "../modules/s"\n  name = "y"\n}\n',
            "modules/s/main.tf": BUCKET,
        }
    )
    assert list(found) == ["live"]
    buckets = {r.address: r.values.get("bucket").data for r in found["live"].resources}
    assert buckets == {
        "module.a.aws_s3_bucket.b": "x",
        "module.b.aws_s3_bucket.b": "y",
    }


def test_a_module_that_nobody_calls_is_library_code(roots):
    found = roots(
        **{
            "main.tf": BUCKET,
            "modules/s/main.tf": BUCKET,
            "tf-modules/t/main.tf": BUCKET,
            "examples/e/main.tf": BUCKET,
        }
    )
    assert {path: root.library for path, root in found.items()} == {
        "": False,
        "examples/e": False,
        "modules/s": True,
        "tf-modules/t": True,
    }
    assert found["modules/s"].resources[0].library


def test_folders_that_call_each_other_are_evaluated_once(roots):
    found = roots(
        **{
            "a/main.tf": 'module "b" {\n  source = "../b"\n}\n',
            "b/main.tf": 'module "a" {\n  source = "../a"\n}\n' + BUCKET,
        }
    )
    assert list(found) == ["a"]
    assert addresses(found["a"]) == ["module.b.aws_s3_bucket.b"]
    assert "bound" in kinds(found["a"])


def test_a_registry_module_keeps_its_arguments(roots):
    found = roots(
        **{
            "main.tf": 'module "vpc" {\n  source  = "terraform-aws-modules/vpc/aws"\n'
            '  version = "5.0.0"\n  cidr = "10.0.0.0/16"\n}\n'
            'resource "aws_subnet" "s" {\n  vpc_id = module.vpc.vpc_id\n}\n'
        }
    )
    root = found[""]
    (call,) = root.unread_modules
    assert (call.address, call.source, call.version) == (
        "module.vpc",
        "terraform-aws-modules/vpc/aws",
        "5.0.0",
    )
    assert call.arguments.get("cidr").data == "10.0.0.0/16"
    assert root.resources[0].values.get("vpc_id").unknown.kind == "module"
    (note,) = root.notes
    assert (note.kind, note.strict_only, note.incomplete) == (
        "module-not-read",
        True,
        False,
    )


def test_an_installed_module_is_read(roots):
    listed = '{"Modules":[{"Key":"","Dir":"."},{"Key":"s","Source":"x/s/aws","Dir":".terraform/modules/s"}]}'
    found = roots(
        **{
            "main.tf": 'module "s" {\n  source = "x/s/aws"\n  name = "z"\n}\n',
            ".terraform/modules/modules.json": listed,
            ".terraform/modules/s/main.tf": BUCKET,
        }
    )
    assert addresses(found[""]) == ["module.s.aws_s3_bucket.b"]


def test_sources_of_variables_in_their_order(root):
    text = "".join(f'variable "{n}" {{\n  default = "default"\n}}\n' for n in "abcdef")
    text += 'output "o" {\n  value = [var.a, var.b, var.c, var.d, var.e, var.f]\n}\n'
    made = root(
        text,
        variables={"f": "given"},
        **{
            "terraform.tfvars": "".join(f'{n} = "tfvars"\n' for n in "bcdef"),
            "terraform.tfvars.json": '{"c": "json", "d": "json", "e": "json"}',
            "a.auto.tfvars": 'd = "auto a"\ne = "auto a"\nf = "auto a"\n',
            "b.auto.tfvars.json": '{"e": "auto b"}',
            "other.tfvars": 'a = "other"\n',
        },
    )
    assert [v.data for v in made.outputs["o"].elements()] == [
        "default",
        "tfvars",
        "json",
        "auto a",
        "auto b",
        "given",
    ]


def test_variants_are_evaluated_one_by_one(write):
    from mlsec_lint.discovery import discover
    from mlsec_lint.terraform import evaluate_roots

    folder = write(
        **{
            "live/main.tf": BUCKET,
            "live/dev.tfvars": 'name = "dev"\n',
            "live/prod.tfvars": 'name = "prod"\n',
        }
    )
    tree = discover(str(folder), use_git=False)
    found = evaluate_roots(tree, {"live": (("dev.tfvars",), ("prod.tfvars",))})
    names = [root.resources[0].values.get("bucket") for root in found]
    assert [name.data for name in names] == ["dev", "prod"]
    assert names[1].trail[0].words == "var.name in prod.tfvars"
    (one,) = evaluate_roots(tree, {"live": (("prod.tfvars",),)})
    assert one.variables["name"].data == "prod"


def test_given_texts_are_read_as_the_type_asks(root):
    made = root(
        'variable "s" {\n  type = string\n}\nvariable "l" {\n  type = list(number)\n}\n'
        'variable "u" {}\noutput "o" {\n  value = [var.s, var.l, var.u]\n}\n',
        variables={"s": "[1]", "l": "[1, 2]", "u": "[1]"},
    )
    text, numbers, untyped = made.outputs["o"].elements()
    assert text.data == "[1]"
    assert [n.data for n in numbers.elements()] == [1, 2]
    assert untyped.data == "[1]"


def test_a_missing_value_is_unknown_and_said(root):
    made = root('variable "x" {}\noutput "o" {\n  value = var.x\n}\n')
    assert made.outputs["o"].unknown.name == "var.x"
    assert kinds(made) == ["variable-without-value"]


def test_the_provider_of_a_resource(roots):
    found = roots(
        **{
            "main.tf": """\
            terraform {
              required_providers {
                aws = {
                  source  = "hashicorp/aws"
                  version = "~> 5.0"
                }
              }
            }
            provider "aws" {
              region = "us-east-1"
            }
            provider "aws" {
              alias  = "eu"
              region = var.region
            }
            variable "region" {
              default = "eu-west-1"
            }
            resource "aws_s3_bucket" "here" {}
            resource "aws_s3_bucket" "there" {
              provider = aws.eu
            }
            module "m" {
              source    = "./m"
              providers = { aws = aws.eu }
            }
            module "n" {
              source = "./m"
            }
            """,
            "m/main.tf": 'resource "aws_s3_bucket" "x" {}\n',
            ".terraform.lock.hcl": 'provider "registry.terraform.io/hashicorp/aws" {\n  version = "5.31.0"\n}\n',
        }
    )
    regions = {
        r.address: r.provider.values.get("region").data for r in found[""].resources
    }
    assert regions == {
        "aws_s3_bucket.here": "us-east-1",
        "aws_s3_bucket.there": "eu-west-1",
        "module.m.aws_s3_bucket.x": "eu-west-1",
        "module.n.aws_s3_bucket.x": "us-east-1",
    }
    use = found[""].resources[0].provider
    assert (use.source, use.version, use.locked) == (
        "hashicorp/aws",
        "~> 5.0",
        "5.31.0",
    )
    assert found[""].resources[1].provider.alias == "eu"


def test_overrides_replace_arguments_and_blocks(root):
    made = root(
        """\
        resource "aws_s3_bucket" "b" {
          bucket = "base"
          acl    = "private"
          versioning { enabled = true }
          logging { target = "l" }
          lifecycle { prevent_destroy = true }
        }
        """,
        **{
            "x_override.tf": """\
            resource "aws_s3_bucket" "b" {
              acl = "public-read"
              versioning { enabled = false }
              lifecycle { ignore_changes = [tags] }
            }
            """
        },
    )
    (resource,) = made.resources
    assert resource.values.get("bucket").data == "base"
    assert resource.values.get("acl").data == "public-read"
    assert resource.values.get("acl").span.path == "x_override.tf"
    assert resource.values.at("versioning", 0, "enabled").data is False
    assert resource.values.at("logging", 0, "target").data == "l"
    assert resource.lifecycle.get("prevent_destroy").data is True
    assert [v.data for v in resource.lifecycle.get("ignore_changes").elements()] == [
        "tags"
    ]


def test_json_configuration_with_dynamic_blocks(root):
    made = root(
        "",
        **{
            "x.tf.json": """
            {"variable": {"ports": {"type": "list(number)", "default": [22, 443]}},
             "resource": {"aws_security_group": {"s": {
               "name": "n",
               "dynamic": {"ingress": {
                 "for_each": "${var.ports}",
                 "content": {"from_port": "${ingress.value}"}}}}}}}
            """
        },
    )
    ports = made.resources[0].values.get("ingress").elements()
    assert [block.get("from_port").data for block in ports] == [22, 443]


def test_a_cycle_costs_only_its_members(root):
    made = root(
        'locals {\n  a = local.b\n  b = local.a\n  c = "c"\n}\n'
        'output "o" {\n  value = { a = local.a, c = local.c }\n}\n'
    )
    assert made.outputs["o"].get("a").unknown.kind == "error"
    assert made.outputs["o"].get("c").data == "c"
    assert [note.text.split(":")[0] for note in made.notes] == ["Cycle"]


def test_calls_that_are_not_read_may_use_outputs_of_each_other(root):
    made = root(
        'module "one" {\n  source = "a/b/c"\n  x = module.two.y\n}\n'
        'module "two" {\n  source = "a/b/c"\n  x = module.one.y\n  z = "z"\n}\n'
        'provider "p" {\n  host = module.one.host\n}\n'
        'resource "p_r" "first" {\n  depends_on = [module.one.id]\n}\n'
        'resource "p_r" "second" {\n  depends_on = [p_r.first]\n}\n'
    )
    assert kinds(made) == ["module-not-read", "module-not-read"]
    assert addresses(made) == ["p_r.first", "p_r.second"]
    assert made.unread_modules[0].arguments.get("x").unknown.symbol[0] == "module.two"
    assert made.unread_modules[1].arguments.get("z").data == "z"


def test_a_provider_that_needs_its_own_resource_costs_only_the_provider(root):
    made = root(
        'provider "p" {\n  host = p_r.first.host\n}\n'
        'resource "p_r" "first" {\n  a = "a"\n}\n'
        'resource "p_r" "second" {\n  depends_on = [p_r.first]\n  b = "b"\n}\n'
    )
    assert [
        r.values.get("a" if n == 0 else "b").data for n, r in enumerate(made.resources)
    ] == ["a", "b"]
    assert "evaluation-error" in kinds(made)


def test_a_reference_to_itself_costs_the_argument(root):
    made = root('resource "aws_x" "y" {\n  a = aws_x.y.b\n  b = "b"\n}\n')
    values = made.resources[0].values
    assert values.get("a").unknown.kind == "error"
    assert values.get("b").data == "b"


def test_a_syntax_error_costs_its_own_block_and_is_noted(roots):
    found = roots(**{"main.tf": 'resource "aws_x" "y" {\n  a = = 1\n}\n' + BUCKET})
    assert "aws_s3_bucket.b" in addresses(found[""])
    assert "syntax-error" in kinds(found[""])


def test_the_order_of_files_and_declarations_is_kept(roots):
    found = roots(
        **{
            "b.tf": 'resource "aws_x" "one" {}\nresource "aws_x" "two" {}\n',
            "a.tf": 'resource "aws_x" "zero" {}\n',
        }
    )
    assert addresses(found[""]) == ["aws_x.zero", "aws_x.one", "aws_x.two"]


def test_backend_lifecycle_and_depends_on(root):
    made = root(
        """\
        terraform {
          backend "s3" {
            bucket = "state"
            region = "eu-west-1"
          }
        }
        resource "aws_x" "a" {}
        resource "aws_x" "b" {
          depends_on = [aws_x.a]
        }
        """
    )
    assert made.backend.get("bucket").data == "state"
    assert made.resources[1].depends_on == ("aws_x.a",)


def test_path_cwd_is_unknown_but_not_its_last_part(roots):
    found = roots(
        **{
            "examples/train/main.tf": 'output "o" {\n  value = "ex-${basename(path.cwd)}"\n}\n'
            'output "p" {\n  value = path.cwd\n}\n'
        }
    )
    outputs = found["examples/train"].outputs
    assert outputs["o"].data == "ex-train"
    assert outputs["p"].unknown.kind == "environment"


def test_functions_of_providers_are_unknown(value):
    found = value(
        "provider::aws::arn_parse(1)",
        'terraform {\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n    }\n  }\n}\n',
    )
    assert found.unknown.kind == "function"


REFUSED = {
    "Reference to undeclared resource": 'resource "aws_x" "y" {\n  depends_on = [aws_x.z]\n}\n',
    "Provider configuration not present": 'resource "aws_x" "y" {\n  provider = aws.eu\n}\n',
    "Invalid resource name": 'resource "aws_x" "a b" {}\n',
    'Duplicate resource "aws_x" configuration': 'resource "aws_x" "y" {}\nresource "aws_x" "y" {}\n',
    "Unsupported block type": "locals {\n  b {}\n}\n",
    "Invalid variable name": 'variable "count" {\n  default = 1\n}\n',
    "Unsupported argument": 'variable "x" {\n  defualt = 1\n  default = 1\n}\n',
    "Output refers to sensitive values": 'output "o" {\n  value = sensitive("s")\n}\n',
    "Invalid count argument": 'resource "aws_x" "y" {\n  count = -1\n}\n',
    "Invalid for_each argument": 'resource "aws_x" "y" {\n  for_each = ["a"]\n}\n',
    "Invalid type specification": 'variable "x" {\n  type = object\n  default = 1\n}\n',
    "Invalid default value for variable": 'variable "x" {\n  type = number\n  default = "a"\n}\n',
    "Invalid value for variable": 'variable "x" {\n  default = 1\n  validation {\n'
    '    condition = var.x > 1\n    error_message = "no"\n  }\n}\n',
    "Resource precondition failed": 'resource "aws_x" "y" {\n  lifecycle {\n    precondition {\n'
    '      condition = 1 > 2\n      error_message = "no"\n    }\n  }\n}\n',
    "Missing resource to override": None,
}


@pytest.mark.parametrize("summary", REFUSED)
def test_what_terraform_refuses_is_a_note(summary, write):
    text = REFUSED[summary]
    name, text = (
        ("main.tf", text) if text else ("override.tf", 'resource "a_x" "y" {}\n')
    )
    result = evaluate_root(str(write(**{name: text})))
    assert result.errors
    assert [note.text.split(":")[0] for note in result.notes] == [summary]


def test_an_unknown_number_of_instances_is_a_note(root):
    made = root(
        'resource "aws_a" "a" {}\nresource "aws_x" "y" {\n  count = aws_a.a.size\n}\n'
    )
    assert kinds(made) == ["repeat-unknown"]
    assert made.resources[1].address == "aws_x.y[*]"


@pytest.mark.parametrize(
    ("constraint", "fine"),
    [
        (">= 1.0", True),
        ("~> 1.11", True),
        ("~> 1.11.0", True),
        ("~> 1.10.0", False),
        (">= 1.5, < 2.0", True),
        ("< 1.0", False),
        ("= 1.11.4", True),
        ("1.11.4", True),
        ("!= 1.11.4", False),
        ("> 1.11.4", False),
        ("nonsense", None),
    ],
)
def test_version_constraints(constraint, fine):
    assert meets(constraint) is fine
