data "aws_iam_policy_document" "sagemaker" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["sagemaker.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "fit" {
  name               = "fit"
  assume_role_policy = data.aws_iam_policy_document.sagemaker.json
  inline_policy {
    name = "store"
    policy = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = "${aws_s3_bucket.shoal.arn}/*"
      }]
    })
  }
}

resource "aws_iam_role" "render" {
  name               = "render"
  assume_role_policy = data.aws_iam_policy_document.sagemaker.json
  inline_policy {
    name = "store"
    policy = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = "${aws_s3_bucket.plots.arn}/*"
      }]
    })
  }
}

resource "aws_s3_bucket" "shoal" {
  bucket = "sandpiper-shoal"
}

resource "aws_s3_bucket_public_access_block" "shoal" {
  bucket                  = aws_s3_bucket.shoal.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket" "plots" {
  bucket = "sandpiper-model-plots"
}

resource "aws_s3_bucket_public_access_block" "plots" {
  bucket                  = aws_s3_bucket.plots.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
