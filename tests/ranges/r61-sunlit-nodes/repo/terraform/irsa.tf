data "aws_iam_policy_document" "trainer_trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [module.eks.oidc_provider_arn]
    }
    condition {
      test     = "StringEquals"
      variable = "${module.eks.oidc_provider}:sub"
      values   = ["system:serviceaccount:train:trainer"]
    }
    condition {
      test     = "StringEquals"
      variable = "${module.eks.oidc_provider}:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "trainer" {
  name               = "larkfield-trainer"
  assume_role_policy = data.aws_iam_policy_document.trainer_trust.json
}

data "aws_iam_policy_document" "trainer" {
  statement {
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${aws_s3_bucket.runs.arn}/*"]
  }
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.tokens.arn}/*"]
  }
  statement {
    actions   = ["s3:ListBucket"]
    resources = [aws_s3_bucket.runs.arn, aws_s3_bucket.tokens.arn]
  }
}

resource "aws_iam_role_policy" "trainer" {
  role   = aws_iam_role.trainer.id
  policy = data.aws_iam_policy_document.trainer.json
}
