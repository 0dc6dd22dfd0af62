resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights" # broken: weights-declared-asset
}

resource "google_storage_bucket" "checkpoints" {
  name     = "acme-checkpoints" # broken: weights-declared-asset
  location = "US-WEST1"
}
