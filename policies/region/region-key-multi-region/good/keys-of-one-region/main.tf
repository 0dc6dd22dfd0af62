provider "aws" {
  region = "us-west-2"
}

resource "aws_kms_key" "weights" {
  description = "weights"
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "weights" {
  bucket = aws_s3_bucket.weights.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.weights.arn
    }
  }
}

resource "google_kms_key_ring" "weights" {
  name     = "weights"
  location = "us-west1"
}

resource "google_kms_crypto_key" "weights" {
  name     = "weights"
  key_ring = google_kms_key_ring.weights.id
}

resource "google_storage_bucket" "weights" {
  name     = "acme-weights"
  location = "US-WEST1"
  labels   = { "mlsec-holds" = "weights" }

  encryption {
    default_kms_key_name = google_kms_crypto_key.weights.id
  }
}
