# Everything of this repository lies in the European sovereign partition.
provider "aws" {
  region = "eusc-de-east-1"
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}
