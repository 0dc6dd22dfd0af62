provider "aws" {
  region = "eu-central-1" # broken: region-allow-list
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}
