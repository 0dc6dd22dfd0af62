resource "aws_s3_bucket" "weights" {
  bucket = "lab-model-weights"
}

resource "aws_s3_bucket_replication_configuration" "out" {
  bucket = aws_s3_bucket.weights.id
  role   = "arn:aws:iam::111122223333:role/replication"
  rule {
    id     = "all"
    status = "Enabled"
    destination {
      bucket = "arn:aws:s3:::vendor-dr"  # broken: egress-cross-account-replication
    }
  }
}
