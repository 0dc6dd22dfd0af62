resource "aws_s3_bucket" "ember" {
  bucket = "hulst-ember"
}

resource "aws_s3_bucket_public_access_block" "ember" {
  bucket                  = aws_s3_bucket.ember.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket" "cinder" {
  bucket = "hulst-cinder"
}

resource "aws_s3_bucket_public_access_block" "cinder" {
  bucket                  = aws_s3_bucket.cinder.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket" "reports" {
  bucket = "hulst-model-reports"
}

resource "aws_s3_bucket_public_access_block" "reports" {
  bucket                  = aws_s3_bucket.reports.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
