variable "conditions" {
  type = any
}

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
      Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" } # unknown: access-mfa
      Action    = "sts:AssumeRole"
      Condition = var.conditions
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
