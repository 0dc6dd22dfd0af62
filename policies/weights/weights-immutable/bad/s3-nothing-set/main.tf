resource "aws_s3_bucket" "released" { # broken: weights-immutable
  bucket = "acme-released-checkpoints"
  tags   = { "mlsec/holds" = "weights" }
}
