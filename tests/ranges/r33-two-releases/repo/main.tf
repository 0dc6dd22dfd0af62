provider "aws" {
  region = "eu-north-1"
}

locals {
  releases = {
    alder = { fenced = false }
    birch = { fenced = true }
  }
}

resource "aws_s3_bucket" "grove" {
  for_each = local.releases
  bucket   = "fjellgrove-${each.key}"
}

resource "aws_s3_bucket" "sbom" {
  bucket = "fjellgrove-sbom"
}
