provider "aws" {
  region = "us-west-2"
}

provider "aws" {
  alias  = "hk"
  region = "ap-east-1"
}

resource "aws_kms_key" "weights" {
  description  = "weights"
  multi_region = true # broken: region-key-multi-region
}

resource "aws_kms_replica_key" "hk" {
  provider        = aws.hk
  description     = "weights"
  primary_key_arn = aws_kms_key.weights.arn # broken: region-key-multi-region
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

# A key for something else may be multi-region.
resource "aws_kms_key" "sessions" {
  description  = "sessions"
  multi_region = true
}
