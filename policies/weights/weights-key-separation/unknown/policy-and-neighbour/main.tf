variable "key_policy" {
  type = string
}

resource "aws_kms_key" "weights" {
  description = "Seals the checkpoints"
  policy      = var.key_policy # unknown: weights-key-separation
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

resource "aws_s3_bucket" "scratch" {
  bucket = "acme-scratch"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "scratch" {
  bucket = aws_s3_bucket.scratch.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.weights.arn # unknown: weights-key-separation
    }
  }
}
