"""What a value remembers: place, trail, symbol, structure, possible values."""

from __future__ import annotations

from mlsec_lint.terraform.embedded import embedded_source
from mlsec_lint.value import Symbol


def steps(value):
    return [(step.words, step.span.path, step.span.line) for step in value.trail]


def possible(value):
    assert value.unknown is not None
    assert value.unknown.possible is not None
    return [each.data for each in value.unknown.possible]


def test_an_argument_stands_at_its_expression_under_its_name(root):
    made = root(
        """\
        variable "acl" {
          default = "public-read"
        }
        resource "aws_s3_bucket" "w" {
          acl = var.acl
        }
        """
    )
    acl = made.resources[0].values.get("acl")
    assert acl.data == "public-read"
    assert acl.span.text == "var.acl"
    assert acl.entry().text == "acl = var.acl"
    assert steps(acl) == [("default of var.acl", "main.tf", 2)]


def test_a_trail_leads_through_tfvars_locals_and_module_arguments(root):
    made = root(
        """\
        variable "env" {}
        locals {
          name = "${var.env}-weights"
        }
        module "store" {
          source = "./store"
          bucket = local.name
        }
        """,
        **{
            "terraform.tfvars": 'env = "prod"\n',
            "store/main.tf": """\
            variable "bucket" {}
            resource "aws_s3_bucket" "w" {
              bucket = var.bucket
            }
            output "name" {
              value = aws_s3_bucket.w.bucket
            }
            """,
        },
    )
    (resource,) = made.resources
    bucket = resource.values.get("bucket")
    assert resource.address == "module.store.aws_s3_bucket.w"
    assert bucket.data == "prod-weights"
    assert steps(bucket) == [
        ("argument bucket of module.store", "main.tf", 7),
        ("local.name", "main.tf", 3),
        ("var.env in terraform.tfvars", "terraform.tfvars", 1),
    ]
    assert [step.words for step in resource.calls] == ["call of module.store"]


def test_a_part_of_a_default_points_at_that_part(root):
    made = root(
        """\
        variable "conf" {
          default = {
            name = "w"
            tags = { team = "ml" }
          }
        }
        resource "aws_s3_bucket" "w" {
          bucket = var.conf.name
          tags   = var.conf.tags
        }
        """
    )
    values = made.resources[0].values
    assert steps(values.get("bucket")) == [("default of var.conf", "main.tf", 3)]
    assert values.at("tags", "team").span.line == 4


def test_a_configured_attribute_is_known_and_keeps_its_symbol(value):
    found = value(
        "aws_s3_bucket.w.bucket", 'resource "aws_s3_bucket" "w" {\n  bucket = "b"\n}'
    )
    assert found.data == "b"
    assert found.symbol == Symbol("aws_s3_bucket.w", ("bucket",))


def test_a_computed_attribute_is_unknown_with_its_full_symbol(root):
    made = root(
        'module "m" {\n  source = "./m"\n  for_each = { a = 1 }\n}\n'
        'output "o" {\n  value = module.m["a"].arn\n}\n',
        **{
            "m/main.tf": 'resource "aws_s3_bucket" "w" {\n  count = 1\n}\n'
            'output "arn" {\n  value = aws_s3_bucket.w[0].arn\n}\n'
        },
    )
    unknown = made.outputs["o"].unknown
    assert unknown.kind == "resource"
    assert unknown.symbol == Symbol('module.m["a"].aws_s3_bucket.w[0]', ("arn",))


def test_a_block_that_is_not_written_may_exist_all_the_same(value):
    found = value(
        "aws_eks_cluster.c.identity[0].oidc[0].issuer",
        'resource "aws_eks_cluster" "c" {}',
    )
    path = ("identity", 0, "oidc", 0, "issuer")
    assert found.unknown.symbol == Symbol("aws_eks_cluster.c", path)


def test_a_template_keeps_its_literal_parts(value):
    found = value(
        '"arn:aws:s3:::${aws_s3_bucket.w.id}/*"', 'resource "aws_s3_bucket" "w" {}'
    )
    start, middle, end = found.unknown.parts
    assert (start, end) == ("arn:aws:s3:::", "/*")
    assert middle.symbol == Symbol("aws_s3_bucket.w", ("id",))


def test_jsonencode_with_one_unknown_keeps_the_rest(value):
    found = value(
        'jsonencode({ Action = "s3:*", Resource = aws_s3_bucket.w.arn })',
        'resource "aws_s3_bucket" "w" {}',
    )
    how, structure = found.origin
    assert how == "json"
    assert structure.get("Action").data == "s3:*"
    assert structure.get("Action").span.line == 3


def test_a_condition_nobody_knows_gives_both_branches(value):
    found = value('var.public ? "public-read" : "private"', 'variable "public" {}')
    assert possible(found) == ["public-read", "private"]
    assert found.unknown.name == "var.public"


def test_nested_conditions_give_one_flat_set(value):
    found = value('var.a ? "x" : var.b ? "y" : "z"', 'variable "a" {}\nvariable "b" {}')
    assert possible(found) == ["x", "y", "z"]


def test_branches_that_agree_are_known(value):
    assert value('var.a ? "x" : "x"', 'variable "a" {}').data == "x"


def test_a_validation_list_gives_the_possible_values(value):
    text = """
    variable "region" {
      type = string
      validation {
        condition     = contains(["eu-west-1", "eu-central-1"], var.region)
        error_message = "no"
      }
    }
    """
    found = value("var.region", text)
    assert possible(found) == ["eu-west-1", "eu-central-1"]
    assert found.unknown.why == "var.region has no default"
    assert possible(value('"${var.region}-b"', text)) == [
        "eu-west-1-b",
        "eu-central-1-b",
    ]


def test_comparisons_in_a_validation_are_a_list_too(value):
    text = """
    variable "acl" {
      validation {
        condition     = var.acl == "private" || ("log" == var.acl)
        error_message = "no"
      }
    }
    """
    assert possible(value("var.acl", text)) == ["private", "log"]
    assert possible(value('var.acl == "log"', text)) == [False, True]


def test_a_validation_that_is_no_list_gives_none(value):
    text = """
    variable "acl" {
      validation {
        condition     = length(var.acl) > 3
        error_message = "no"
      }
    }
    """
    assert value("var.acl", text).unknown.possible is None


def test_an_uncertain_instance_may_be_there(root):
    made = root(
        """\
        variable "on" {
          type = bool
        }
        resource "aws_kms_key" "k" {
          count       = var.on ? 1 : 0
          description = "weights"
        }
        output "one" {
          value = one(aws_kms_key.k[*].description)
        }
        output "first" {
          value = try(aws_kms_key.k[0].description, "none")
        }
        """
    )
    (resource,) = made.resources
    assert resource.address == "aws_kms_key.k[*]"
    assert resource.repeat_unknown
    assert possible(made.outputs["one"]) == [None, "weights"]
    assert possible(made.outputs["first"]) == ["weights", "none"]


def test_an_error_costs_its_own_element(root):
    made = root(
        'resource "aws_x" "y" {\n  tags = { bad = tonumber("x"), good = "g" }\n}\n'
    )
    tags = made.resources[0].values.get("tags")
    assert tags.get("bad").unknown.kind == "error"
    assert tags.get("good").data == "g"
    (note,) = made.notes
    assert (note.kind, note.span.line) == ("evaluation-error", 2)


def test_a_heredoc_leads_back_to_its_lines(root):
    made = root(
        """\
        variable "env" {
          default = "prod"
        }
        locals {
          manifest = <<-EOT
            kind: Pod
            name: ${var.env}-train
            image: ${aws_ecr_repository.r.repository_url}:latest
          EOT
        }
        resource "aws_ecr_repository" "r" {}
        resource "local_file" "f" {
          content = local.manifest
        }
        """
    )
    content = made.resources[1].values.get("content")
    source = embedded_source(content)
    assert source.text == (
        "kind: Pod\nname: prod-train\n"
        "image: ${aws_ecr_repository.r.repository_url}:latest\n"
    )
    for word, line in (("Pod", 6), ("-train", 7), ("image", 8), (":latest", 8)):
        outer, offset = source.outer(source.text.index(word))
        assert outer.path == "main.tf"
        assert outer.position(offset)[0] == line
        assert outer.text[offset:].startswith(word)


def test_a_template_file_leads_back_to_the_template(root):
    made = root(
        'resource "aws_iam_policy" "p" {\n'
        '  policy = templatefile("p.json", { action = "s3:Get*" })\n}\n',
        **{"p.json": '{\n  "Effect": "Allow",\n  "Action": "${action}"\n}\n'},
    )
    source = embedded_source(made.resources[0].values.get("policy"))
    outer, offset = source.outer(source.text.index('"Action"'))
    assert (outer.path, outer.position(offset)[0]) == ("p.json", 3)


BUCKETS = """
resource "aws_s3_bucket" "a" {
  bucket = "a"
}
resource "aws_s3_bucket" "b" {
  bucket = "b"
  tags   = { x = "y" }
}
variable "first" {
  default = true
}
"""


def test_a_resource_may_have_more_attributes_than_are_written(value):
    chosen = value("(var.first ? aws_s3_bucket.a : aws_s3_bucket.b).arn", BUCKETS)
    assert chosen.unknown.symbol == Symbol("aws_s3_bucket.a", ("arn",))
    for expression in (
        "jsonencode([aws_s3_bucket.a])",
        "keys(aws_s3_bucket.a)",
        "length(aws_s3_bucket.a)",
        "[for k, v in aws_s3_bucket.a : k]",
    ):
        assert value(expression, BUCKETS).unknown is not None


def test_resources_pass_through_variables_of_any_type(root):
    made = root(
        BUCKETS
        + 'module "m" {\n  source = "./m"\n'
        + "  typed = aws_s3_bucket.a\n  all = { a = aws_s3_bucket.a, b = aws_s3_bucket.b }\n}\n",
        **{
            "m/main.tf": 'variable "typed" {\n  type = object({ arn = string, bucket = string })\n}\n'
            'variable "all" {\n  type = map(any)\n}\n'
            'resource "aws_x" "y" {\n  a = var.typed.arn\n  b = var.typed.bucket\n'
            '  c = var.all["b"].arn\n}\n'
        },
    )
    values = made.resources[-1].values
    assert values.get("a").unknown.symbol == Symbol("aws_s3_bucket.a", ("arn",))
    assert values.get("b").data == "a"
    assert values.get("c").unknown.symbol == Symbol("aws_s3_bucket.b", ("arn",))
    assert made.notes == []
