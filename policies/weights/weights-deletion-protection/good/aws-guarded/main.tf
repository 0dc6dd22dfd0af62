resource "aws_kms_key" "weights" {
  description = "Seals the checkpoints; 30 days by default"
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

resource "aws_s3_bucket" "finals" {
  bucket        = "acme-final-weights"
  force_destroy = true # no plan gets that far
  tags          = { "mlsec/holds" = "weights" }

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_efs_file_system" "checkpoints" {
  creation_token = "checkpoints"
  encrypted      = true
}

resource "aws_efs_backup_policy" "checkpoints" {
  file_system_id = aws_efs_file_system.checkpoints.id

  backup_policy {
    status = "ENABLED"
  }
}

resource "aws_ebs_volume" "checkpoints" {
  availability_zone = "eu-central-1a"
  size              = 4096
  encrypted         = true
  final_snapshot    = true
  tags              = { "mlsec/holds" = "weights" }
}
