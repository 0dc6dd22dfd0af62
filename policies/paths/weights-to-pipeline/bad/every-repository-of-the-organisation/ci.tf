resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://token.actions.githubusercontent.com"
  client_id_list = ["sts.amazonaws.com"]
}

data "aws_iam_policy_document" "evaluation_trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.github.arn]
    }

    condition {
      test     = "StringLike"
      variable = "token.actions.githubusercontent.com:sub"
      values   = ["repo:acme/*"] # broken: weights-to-pipeline
    }
  }
}

resource "aws_iam_role" "evaluation" {
  name               = "evaluation"
  assume_role_policy = data.aws_iam_policy_document.evaluation_trust.json
}

resource "aws_iam_role_policy" "evaluation" {
  role = aws_iam_role.evaluation.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "${aws_s3_bucket.weights.arn}/*"
    }]
  })
}
