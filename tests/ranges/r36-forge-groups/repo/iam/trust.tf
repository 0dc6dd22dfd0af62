provider "aws" {
  region = "eu-central-1"
}

resource "aws_iam_openid_connect_provider" "forge" {
  url             = "https://gitlab.orchid-labs.example"
  client_id_list  = ["https://gitlab.orchid-labs.example", "sts.orchid"]
  thumbprint_list = ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"]
}

locals {
  pipelines = {
    nightly = { test = "StringLike", sub = "project_path:orchid/*:ref_type:branch:ref:*" }
    release = { test = "StringEquals", sub = "project_path:orchid/serving:ref_type:branch:ref:main" }
  }
}

data "aws_iam_policy_document" "trust" {
  for_each = local.pipelines

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.forge.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "gitlab.orchid-labs.example:aud"
      values   = ["sts.orchid"]
    }

    condition {
      test     = each.value.test
      variable = "gitlab.orchid-labs.example:sub"
      values   = [each.value.sub]
    }
  }
}

resource "aws_iam_role" "pipeline" {
  for_each           = local.pipelines
  name               = "orchid-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.trust[each.key].json
}

data "aws_iam_policy_document" "read" {
  for_each = local.pipelines

  statement {
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = [data.aws_s3_bucket.petal[each.key].arn, "${data.aws_s3_bucket.petal[each.key].arn}/*"]
  }
}

resource "aws_iam_policy" "read" {
  for_each = local.pipelines
  name     = "orchid-${each.key}-read"
  policy   = data.aws_iam_policy_document.read[each.key].json
}

resource "aws_iam_role_policy_attachment" "read" {
  for_each   = local.pipelines
  role       = aws_iam_role.pipeline[each.key].name
  policy_arn = aws_iam_policy.read[each.key].arn
}

data "aws_s3_bucket" "petal" {
  for_each = local.pipelines
  bucket   = "orchid-${each.key}"
}
