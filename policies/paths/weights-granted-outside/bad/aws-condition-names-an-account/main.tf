provider "aws" {
  region              = "us-west-2"
  allowed_account_ids = ["111122223333"]
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-weights"

  tags = {
    "mlsec/holds" = "weights"
  }
}

resource "aws_s3_bucket_policy" "weights" {
  bucket = aws_s3_bucket.weights.id
  policy = data.aws_iam_policy_document.weights.json
}

data "aws_iam_policy_document" "weights" {
  statement {
    sid       = "Partner"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.weights.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = ["444455556666"] # broken: weights-granted-outside
    }
  }
}
