resource "aws_s3_bucket" "weights" { # broken: weights-customer-key
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}
