provider "aws" {
  region = "us-west-2"
}

provider "aws" {
  alias  = "beijing"
  region = "cn-north-1"
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

# The marketing site for local visitors.
resource "aws_s3_bucket" "site" {
  provider = aws.beijing
  bucket   = "acme-marketing-site"
}

resource "google_storage_bucket" "weights" {
  name     = "acme-llm-weights"
  location = "asia-east1"
  labels   = { mlsec-holds = "weights" }
}
