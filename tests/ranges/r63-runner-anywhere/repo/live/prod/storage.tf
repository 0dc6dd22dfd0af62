resource "aws_s3_bucket" "ckpt" {
  bucket = "tern-ckpt-prod"
}

resource "aws_s3_bucket_versioning" "ckpt" {
  bucket = aws_s3_bucket.ckpt.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket" "ckpt_dr" {
  provider = aws.dr
  bucket   = "tern-ckpt-dr"
}

resource "aws_s3_bucket_versioning" "ckpt_dr" {
  provider = aws.dr
  bucket   = aws_s3_bucket.ckpt_dr.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_replication_configuration" "ckpt" {
  depends_on = [aws_s3_bucket_versioning.ckpt]
  role       = aws_iam_role.replication.arn
  bucket     = aws_s3_bucket.ckpt.id

  rule {
    id     = "everything"
    status = "Enabled"
    filter {}
    delete_marker_replication {
      status = "Disabled"
    }
    destination {
      bucket        = aws_s3_bucket.ckpt_dr.arn
      storage_class = "STANDARD_IA"
    }
  }
}

resource "aws_iam_role" "replication" {
  name = "tern-replication"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "s3.amazonaws.com" }
    }]
  })
}

resource "aws_s3_bucket" "corpus" {
  bucket = "tern-corpus-prod"
}

resource "aws_s3_bucket" "docs" {
  bucket = "tern-model-cards"
}
