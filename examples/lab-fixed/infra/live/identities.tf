resource "aws_iam_role" "replication" {
  name = "osprey-replication"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "s3.amazonaws.com" }
    }]
  })
}

data "aws_iam_policy_document" "checkpoints" {
  statement {
    sid       = "TrainersRead"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = [module.checkpoints.arn, "${module.checkpoints.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.lab_account}:role/osprey-trainer"]
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [module.checkpoints.arn, "${module.checkpoints.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "checkpoints" {
  bucket = module.checkpoints.id
  policy = data.aws_iam_policy_document.checkpoints.json
}

data "aws_iam_policy_document" "copy" {
  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [module.copy.arn, "${module.copy.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "copy" {
  provider = aws.dr
  bucket   = module.copy.id
  policy   = data.aws_iam_policy_document.copy.json
}
