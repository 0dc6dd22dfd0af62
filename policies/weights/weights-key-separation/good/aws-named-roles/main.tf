data "aws_caller_identity" "current" {}

resource "aws_iam_role" "trainer" {
  name               = "trainer"
  assume_role_policy = "{}"
}

resource "aws_kms_key" "weights" {
  description = "Seals the checkpoints"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Administration"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "Trainers"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.trainer.arn }
        Action    = "kms:Decrypt"
        Resource  = "*"
      },
      {
        Sid       = "ByArn"
        Effect    = "Allow"
        Principal = { AWS = "*" }
        Action    = "kms:Decrypt"
        Resource  = "*"
        Condition = { ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::111122223333:role/weights-*" } }
      },
      {
        Sid       = "ReadersOfTheDescription"
        Effect    = "Allow"
        Principal = "*"
        Action    = "kms:DescribeKey"
        Resource  = "*"
        Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-acme" } }
      },
    ]
  })
}

resource "aws_iam_role_policy" "trainer" {
  role = aws_iam_role.trainer.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "kms:Decrypt"
      Resource = aws_kms_key.weights.arn
    }]
  })
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "weights" {
  bucket = aws_s3_bucket.weights.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.weights.arn
    }
  }
}
