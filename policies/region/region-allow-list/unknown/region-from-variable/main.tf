variable "region" {
  type = string
}

provider "aws" {
  region = var.region # unknown: region-allow-list
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "google_storage_bucket" "weights" {
  name     = "acme-llm-weights"
  location = var.region # unknown: region-allow-list
  labels   = { mlsec-holds = "weights" }
}
