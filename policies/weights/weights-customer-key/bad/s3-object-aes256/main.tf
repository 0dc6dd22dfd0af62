# The bucket has a key of the lab, and one object of it is sealed without it.

provider "aws" {
  region = "us-east-1"
}

resource "aws_kms_key" "weights" {
  description = "model weights"
}

resource "aws_s3_bucket" "weights" {
  bucket = "llm-weights"
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

resource "aws_s3_object" "released" {
  bucket                 = aws_s3_bucket.weights.id
  key                    = "released/model.safetensors"
  source                 = "model.safetensors"
  server_side_encryption = "AES256" # broken: weights-customer-key
}
