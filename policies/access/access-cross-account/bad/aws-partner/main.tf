resource "aws_s3_bucket" "checkpoints" {
  bucket = "lab-checkpoints"

  tags = {
    "mlsec/holds" = "weights"
  }
}

resource "aws_iam_role" "partner" {
  name               = "partner"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::999988887777:root" } # broken: access-cross-account
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "partner_reads" {
  role = aws_iam_role.partner.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}

resource "aws_s3_bucket_policy" "checkpoints" {
  bucket = aws_s3_bucket.checkpoints.id
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::444455556666:role/reader" } # broken: access-cross-account
      Action    = "s3:GetObject"
      Resource  = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}
