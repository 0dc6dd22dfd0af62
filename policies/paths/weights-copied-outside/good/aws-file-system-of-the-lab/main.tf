provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_efs_file_system" "weights" {
  encrypted = true

  tags = {
    "mlsec/holds" = "weights"
  }
}

resource "aws_efs_replication_configuration" "weights" {
  source_file_system_id = aws_efs_file_system.weights.id

  destination {
    file_system_id = "arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-0123456789abcdef0"
    region         = "eu-west-1"
    role_arn       = "arn:aws:iam::111122223333:role/replication"
  }
}
