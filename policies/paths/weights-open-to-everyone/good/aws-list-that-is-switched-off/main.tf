provider "aws" {
  region = "us-west-2"
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-weights"

  tags = {
    "mlsec/holds" = "weights"
  }
}

resource "aws_s3_bucket_ownership_controls" "weights" {
  bucket = aws_s3_bucket.weights.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_acl" "weights" {
  bucket = aws_s3_bucket.weights.id
  acl    = "public-read"
}
