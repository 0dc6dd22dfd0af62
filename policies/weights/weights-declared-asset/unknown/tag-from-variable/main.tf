variable "holds" {
  type = string
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = {
    "mlsec/holds" = var.holds # unknown: weights-declared-asset
  }
}
