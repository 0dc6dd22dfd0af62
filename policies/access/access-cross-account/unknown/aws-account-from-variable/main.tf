variable "partner" {
  type = string
}

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
      Principal = { AWS = "arn:aws:iam::${var.partner}:root" } # unknown: access-cross-account
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
