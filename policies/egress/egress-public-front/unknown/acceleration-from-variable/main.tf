variable "acceleration" {
  type = string
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_accelerate_configuration" "weights" {
  bucket = aws_s3_bucket.weights.id
  status = var.acceleration # unknown: egress-public-front
}
