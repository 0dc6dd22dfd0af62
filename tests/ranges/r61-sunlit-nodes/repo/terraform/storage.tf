resource "aws_kms_key" "ckpt" {
  description         = "checkpoints"
  enable_key_rotation = true
}

resource "aws_s3_bucket" "runs" {
  bucket = "larkfield-runs"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "runs" {
  bucket = aws_s3_bucket.runs.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.ckpt.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "runs" {
  bucket                  = aws_s3_bucket.runs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket" "tokens" {
  bucket = "larkfield-model-tokens"
}

resource "aws_security_group" "fsx" {
  vpc_id = aws_vpc.lab.id
  ingress {
    from_port   = 988
    to_port     = 1023
    protocol    = "tcp"
    cidr_blocks = [aws_vpc.lab.cidr_block]
  }
}

resource "aws_fsx_lustre_file_system" "scratch" {
  storage_capacity            = 12000
  subnet_ids                  = [aws_subnet.system[0].id]
  deployment_type             = "PERSISTENT_2"
  per_unit_storage_throughput = 250
  security_group_ids          = [aws_security_group.fsx.id]
  kms_key_id                  = aws_kms_key.ckpt.arn
}

resource "aws_fsx_data_repository_association" "runs" {
  file_system_id       = aws_fsx_lustre_file_system.scratch.id
  file_system_path     = "/runs"
  data_repository_path = "s3://${aws_s3_bucket.runs.bucket}/lustre"

  s3 {
    auto_export_policy {
      events = ["NEW", "CHANGED"]
    }
  }
}
