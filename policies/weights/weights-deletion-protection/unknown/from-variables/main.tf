variable "force" {
  type = bool
}

variable "days" {
  type = number
}

resource "aws_kms_key" "weights" {
  description             = "Seals the checkpoints"
  deletion_window_in_days = var.days # unknown: weights-deletion-protection
}

resource "aws_s3_bucket" "weights" {
  bucket        = "acme-frontier-weights"
  force_destroy = var.force # unknown: weights-deletion-protection
  tags          = { "mlsec/holds" = "weights" }
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
