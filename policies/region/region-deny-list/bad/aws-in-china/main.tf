provider "aws" {
  region = "cn-north-1" # broken: region-deny-list
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}
