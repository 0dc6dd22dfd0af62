resource "aws_s3_bucket" "weights" {
  bucket = "acme-released-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_ownership_controls" "weights" {
  bucket = aws_s3_bucket.weights.id
  rule {
    object_ownership = "ObjectWriter"
  }
}

resource "aws_s3_bucket_public_access_block" "weights" {
  bucket                  = aws_s3_bucket.weights.id
  block_public_acls       = false # broken: weights-no-public-access
  block_public_policy     = true
  ignore_public_acls      = false
  restrict_public_buckets = true
}

resource "aws_s3_bucket_acl" "weights" {
  depends_on = [aws_s3_bucket_ownership_controls.weights]
  bucket     = aws_s3_bucket.weights.id
  acl        = "public-read" # broken: weights-no-public-access
}
