resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

locals {
  ci = {
    bench = {
      sub     = "repo:hoshino-lab/*"
      actions = ["s3:GetObject", "s3:ListBucket"]
      prefix  = "ckpt/"
    }
    wheels = {
      sub     = "repo:hoshino-lab/*"
      actions = ["s3:PutObject"]
      prefix  = "wheels/"
    }
    promote = {
      sub     = "repo:hoshino-lab/release:environment:production"
      actions = ["s3:GetObject"]
      prefix  = "ckpt/"
    }
  }
}

resource "aws_iam_role" "ci" {
  for_each = local.ci
  name     = "ci-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Condition = {
        StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
        StringLike   = { "token.actions.githubusercontent.com:sub" = each.value.sub }
      }
    }]
  })
}

resource "aws_iam_role_policy" "ci" {
  for_each = local.ci
  role     = aws_iam_role.ci[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = each.value.actions
      Resource = [aws_s3_bucket.artifacts.arn, "${aws_s3_bucket.artifacts.arn}/${each.value.prefix}*"]
    }]
  })
}
