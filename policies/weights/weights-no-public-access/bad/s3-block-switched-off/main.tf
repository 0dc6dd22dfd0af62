resource "aws_s3_bucket" "checkpoints" {
  bucket = "acme-frontier-checkpoints"

  tags = {
    "mlsec/holds" = "weights"
    team          = "pretraining"
  }
}

resource "aws_s3_bucket_public_access_block" "checkpoints" {
  bucket = aws_s3_bucket.checkpoints.id

  block_public_acls       = true
  block_public_policy     = false # broken: weights-no-public-access
  ignore_public_acls      = true
  restrict_public_buckets = true
}
