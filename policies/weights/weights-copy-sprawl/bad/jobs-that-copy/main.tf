resource "aws_s3_bucket" "weights" { # broken: weights-copy-sprawl
  bucket = "acme-weights"
  tags   = { "mlsec/holds" = "weights" }
}
