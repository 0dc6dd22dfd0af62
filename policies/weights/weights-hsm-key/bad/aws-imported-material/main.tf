variable "material" {
  type      = string
  sensitive = true
}

resource "aws_kms_external_key" "weights" {
  description         = "Seals the checkpoints"
  key_material_base64 = var.material # broken: weights-hsm-key
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
      kms_master_key_id = aws_kms_external_key.weights.arn
    }
  }
}
