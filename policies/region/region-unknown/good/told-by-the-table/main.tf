provider "aws" {
  region = "us-west-2"
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "google_storage_bucket" "weights" {
  name     = "acme-llm-weights"
  location = "us-central1"
  labels   = { mlsec-holds = "weights" }
}
