variable "expire" {
  type = bool
}

resource "aws_s3_bucket" "checkpoints" {
  bucket = "acme-checkpoints"
}

resource "aws_s3_bucket_lifecycle_configuration" "checkpoints" {
  count  = var.expire ? 1 : 0
  bucket = aws_s3_bucket.checkpoints.id

  rule {
    id     = "old"
    status = "Enabled"
    expiration {
      days = 30 # unknown: weights-copy-sprawl
    }
  }
}
