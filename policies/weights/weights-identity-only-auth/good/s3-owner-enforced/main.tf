resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_ownership_controls" "weights" {
  bucket = aws_s3_bucket.weights.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# ACLs are off in new buckets since 2023-04.
resource "aws_s3_bucket" "shards" {
  bucket = "acme-frontier-shards"
  tags   = { "mlsec/holds" = "weights" }
}
