resource "aws_kms_key" "weights" {
  description = "Seals the checkpoints"
}

resource "aws_kms_key" "finals" {
  description         = "Seals the released weights, in the lab's own CloudHSM cluster"
  custom_key_store_id = "cks-1234567890abcdef0"
}

resource "aws_s3_bucket" "weights" {
  for_each = { raw = aws_kms_key.weights.arn, finals = aws_kms_key.finals.arn }
  bucket   = "acme-weights-${each.key}"
  tags     = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "weights" {
  for_each = { raw = aws_kms_key.weights.arn, finals = aws_kms_key.finals.arn }
  bucket   = aws_s3_bucket.weights[each.key].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = each.value
    }
  }
}
