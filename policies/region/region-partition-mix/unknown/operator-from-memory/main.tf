terraform {
  required_providers {
    ovh = {
      source = "ovh/ovh"
    }
  }
}

provider "aws" {
  region = "us-west-2"
}

provider "ovh" { # unknown: region-partition-mix
  endpoint = "ovh-eu"
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}
