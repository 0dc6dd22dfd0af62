resource "aws_s3_bucket" "checkpoints" {
  bucket = "acme-frontier-checkpoints"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_public_access_block" "checkpoints" {
  bucket                  = aws_s3_bucket.checkpoints.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# A website's bucket is none of this rule's business.
resource "aws_s3_bucket" "docs" {
  bucket = "acme-public-docs"
}

resource "aws_s3_bucket_public_access_block" "docs" {
  bucket              = aws_s3_bucket.docs.id
  block_public_policy = false
}
