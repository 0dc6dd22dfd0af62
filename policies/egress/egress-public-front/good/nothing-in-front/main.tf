resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "google_storage_bucket" "weights" {
  name     = "acme-llm-weights"
  location = "us-central1"
  labels   = { mlsec-holds = "weights" }
}

# The front serves another bucket.
resource "aws_s3_bucket" "docs" {
  bucket = "acme-public-docs"
}

resource "aws_s3_bucket_website_configuration" "docs" {
  bucket = aws_s3_bucket.docs.id
  index_document {
    suffix = "index.html"
  }
}
