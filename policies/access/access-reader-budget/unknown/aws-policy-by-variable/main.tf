resource "aws_s3_bucket" "frontier" {
  bucket = "osprey-frontier"
  tags   = { "mlsec/holds" = "weights" }
}

variable "bucket_policy" {
  type = string
}

resource "aws_s3_bucket_policy" "frontier" {
  bucket = aws_s3_bucket.frontier.id
  policy = var.bucket_policy # unknown: access-reader-budget
}
