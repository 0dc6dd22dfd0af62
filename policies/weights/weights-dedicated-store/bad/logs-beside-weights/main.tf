terraform {
  backend "s3" {
    bucket = "acme-frontier-state" # broken: weights-dedicated-store
    key    = "live.tfstate"
    region = "us-west-2"
  }
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket" "state" {
  bucket = "acme-frontier-state"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket" "site" {
  bucket = "acme-site"
}

resource "aws_s3_bucket_logging" "site" {
  bucket        = aws_s3_bucket.site.id
  target_bucket = aws_s3_bucket.weights.id # broken: weights-dedicated-store
  target_prefix = "logs/"
}

resource "google_storage_bucket" "weights" {
  name     = "acme-weights"
  location = "US-WEST1"
  labels   = { "mlsec-holds" = "weights" }
}

resource "google_logging_project_sink" "audit" {
  name        = "audit"
  destination = "storage.googleapis.com/${google_storage_bucket.weights.name}" # broken: weights-dedicated-store
}
