resource "aws_s3_bucket" "checkpoints" {
  bucket = "lab-checkpoints"

  tags = {
    "mlsec/holds" = "weights"
  }
}

resource "aws_iam_role" "trainer" {
  name               = "trainer"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "sagemaker.amazonaws.com" } # broken: access-confused-deputy
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "trainer_reads" {
  role = aws_iam_role.trainer.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}

resource "aws_iam_role" "vendor" {
  name               = "vendor"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::999988887777:root" } # broken: access-confused-deputy
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "vendor_reads" {
  role = aws_iam_role.vendor.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}
