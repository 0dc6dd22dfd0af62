variable "region" {
  type = string
}

provider "aws" {
  region = var.region # unknown: region-unknown
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}
