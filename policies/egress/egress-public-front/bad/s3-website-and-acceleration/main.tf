resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_website_configuration" "weights" {
  bucket = aws_s3_bucket.weights.id # broken: egress-public-front
  index_document {
    suffix = "index.html"
  }
}

resource "aws_s3_bucket_accelerate_configuration" "weights" {
  bucket = aws_s3_bucket.weights.id
  status = "Enabled" # broken: egress-public-front
}
