data "aws_caller_identity" "current" {}

resource "aws_s3_bucket" "checkpoints" {
  bucket = "lab-checkpoints"

  tags = {
    "mlsec/holds" = "weights"
  }
}

resource "aws_iam_role" "researcher" {
  name               = "researcher"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" } # broken: access-mfa
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "researcher_reads" {
  role = aws_iam_role.researcher.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}

resource "aws_iam_user" "ada" {
  name = "ada"
}

resource "aws_iam_role" "breakglass" {
  name               = "breakglass"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = aws_iam_user.ada.arn } # broken: access-mfa
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "breakglass_reads" {
  role = aws_iam_role.breakglass.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}

resource "aws_iam_role" "optional" {
  name               = "optional"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" } # broken: access-mfa
      Action    = "sts:AssumeRole"
      Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "true" } }
    }]
  })
}

resource "aws_iam_role_policy" "optional_reads" {
  role = aws_iam_role.optional.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}
