provider "aws" {
  region = "us-west-2"
}

variable "replica_bucket_arn" {
  type = string
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_replication_configuration" "weights" {
  bucket = aws_s3_bucket.weights.id
  role   = "arn:aws:iam::111122223333:role/replication"

  rule {
    id     = "all"
    status = "Enabled"
    destination {
      bucket = var.replica_bucket_arn # unknown: region-replication
    }
  }
}
