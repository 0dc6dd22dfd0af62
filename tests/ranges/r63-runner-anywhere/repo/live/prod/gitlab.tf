resource "aws_iam_openid_connect_provider" "gitlab" {
  url             = "https://gitlab.com"
  client_id_list  = ["https://gitlab.com"]
  thumbprint_list = ["b3dd7606d2b5a8b4a13771dbecc9ee1cecafa38a"]
}

locals {
  pipelines = {
    docs = {
      subject = "project_path:tern-labs/*:ref_type:branch:ref:*"
      bucket  = aws_s3_bucket.docs.arn
      actions = ["s3:PutObject", "s3:DeleteObject"]
    }
    evals = {
      subject = "project_path:tern-labs/*:ref_type:branch:ref:*"
      bucket  = aws_s3_bucket.ckpt.arn
      actions = ["s3:GetObject"]
    }
  }
}

resource "aws_iam_role" "pipeline" {
  for_each = local.pipelines
  name     = "tern-ci-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.gitlab.arn }
      Condition = {
        StringLike   = { "gitlab.com:sub" = each.value.subject }
        StringEquals = { "gitlab.com:aud" = "https://gitlab.com" }
      }
    }]
  })
}

resource "aws_iam_role_policy" "pipeline" {
  for_each = local.pipelines
  role     = aws_iam_role.pipeline[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = each.value.actions
      Resource = "${each.value.bucket}/*"
    }]
  })
}
