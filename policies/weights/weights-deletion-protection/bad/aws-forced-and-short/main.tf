resource "aws_kms_key" "weights" {
  description             = "Seals the checkpoints"
  deletion_window_in_days = 7 # broken: weights-deletion-protection
}

resource "aws_s3_bucket" "weights" {
  bucket        = "acme-frontier-weights"
  force_destroy = true # broken: weights-deletion-protection
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

resource "aws_efs_file_system" "checkpoints" { # broken: weights-deletion-protection
  creation_token = "checkpoints"
  encrypted      = true
}

resource "aws_fsx_lustre_file_system" "checkpoints" { # broken: weights-deletion-protection
  storage_capacity = 12000
  subnet_ids       = ["subnet-1"]
  tags             = { "mlsec/holds" = "weights" }
}
