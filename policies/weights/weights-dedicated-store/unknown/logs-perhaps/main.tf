variable "log_here" {
  type = bool
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket" "site" {
  bucket = "acme-site"
}

resource "aws_s3_bucket_logging" "site" {
  count         = var.log_here ? 1 : 0
  bucket        = aws_s3_bucket.site.id
  target_bucket = aws_s3_bucket.weights.id # unknown: weights-dedicated-store
  target_prefix = "logs/"
}
