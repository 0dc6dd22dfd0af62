variable "production" {
  type = bool
}

resource "aws_kms_key" "prod" {
  description = "Seals the checkpoints"
}

resource "aws_kms_key" "dev" {
  description = "Seals the checkpoints of experiments"
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
      kms_master_key_id = var.production ? aws_kms_key.prod.arn : aws_kms_key.dev.arn
    }
  }
}
