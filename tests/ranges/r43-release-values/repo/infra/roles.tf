data "aws_eks_cluster" "this" {
  for_each = toset(["staging", "prod"])
  name     = "eks-${each.key}"
}

data "aws_iam_openid_connect_provider" "this" {
  for_each = data.aws_eks_cluster.this
  url      = each.value.identity[0].oidc[0].issuer
}

data "aws_iam_policy_document" "trust" {
  for_each = data.aws_iam_openid_connect_provider.this

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [each.value.arn]
    }
    condition {
      test     = "StringEquals"
      variable = "${replace(each.value.url, "https://", "")}:sub"
      values   = ["system:serviceaccount:align-${each.key}:rl-runner"]
    }
  }
}

resource "aws_iam_role" "align" {
  for_each           = data.aws_iam_policy_document.trust
  name               = "align-${each.key}"
  assume_role_policy = each.value.json
}

resource "aws_iam_role_policy" "align" {
  for_each = aws_iam_role.align
  name     = "checkpoints"
  role     = each.value.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"]
        Resource = "${aws_s3_bucket.align[each.key].arn}/*"
      },
      {
        Effect    = "Deny"
        Action    = "s3:PutObject"
        NotResource = "arn:aws:s3:::larkspur-*/*"
      },
    ]
  })
}
