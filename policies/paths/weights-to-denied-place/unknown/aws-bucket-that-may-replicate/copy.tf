provider "aws" {
  alias  = "far"
  region = "ap-east-1"
}

resource "aws_s3_bucket" "copy" {
  provider = aws.far
  bucket   = "acme-weights-copy"
}

resource "aws_s3_bucket_replication_configuration" "weights" {
  count = var.far ? 1 : 0

  bucket = aws_s3_bucket.weights.id
  role   = "arn:aws:iam::111122223333:role/replication"

  rule {
    status = "Enabled"

    destination {
      bucket = aws_s3_bucket.copy.arn # unknown: weights-to-denied-place
    }
  }
}
