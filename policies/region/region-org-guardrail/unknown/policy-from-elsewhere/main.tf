provider "aws" {
  region = "us-west-2"
}

variable "region_policy" {
  type = string
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_organizations_policy" "regions" {
  name    = "regions"
  content = var.region_policy # unknown: region-org-guardrail
}
