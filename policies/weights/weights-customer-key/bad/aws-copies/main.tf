# The stores have a key of the lab, their copies have keys of AWS.
provider "aws" {
  region              = "eu-central-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_kms_key" "weights" {
  description = "weights"
}

resource "aws_s3_bucket" "checkpoints" {
  bucket = "lab-checkpoints"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "checkpoints" {
  bucket = aws_s3_bucket.checkpoints.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.weights.arn
    }
  }
}

resource "aws_efs_file_system" "shared" {
  encrypted  = true
  kms_key_id = aws_kms_key.weights.arn
  tags       = { "mlsec/holds" = "weights" }
}

resource "aws_efs_replication_configuration" "shared" {
  source_file_system_id = aws_efs_file_system.shared.id

  destination { # broken: weights-customer-key
    region = "eu-west-1"
  }
}

resource "aws_ebs_volume" "cache" {
  availability_zone = "eu-central-1a"
  size              = 500
  encrypted         = true
  kms_key_id        = aws_kms_key.weights.arn
  tags              = { "mlsec/holds" = "weights", backup = "daily" }
}

resource "aws_dlm_lifecycle_policy" "cache" {
  description        = "daily"
  execution_role_arn = "arn:aws:iam::111122223333:role/dlm"

  policy_details {
    resource_types = ["VOLUME"]
    target_tags    = { backup = "daily" }

    schedule {
      name = "daily"
      create_rule {
        interval = 24
      }
      retain_rule {
        count = 7
      }
      cross_region_copy_rule {
        target    = "eu-west-1"
        encrypted = false # broken: weights-customer-key
      }
    }
  }
}

resource "aws_backup_vault" "home" { # broken: weights-customer-key
  name = "home"
}

resource "aws_backup_vault" "second" {
  name        = "second"
  kms_key_arn = "alias/aws/backup" # broken: weights-customer-key
}

resource "aws_backup_plan" "nightly" {
  name = "nightly"

  rule {
    rule_name         = "nightly"
    target_vault_name = aws_backup_vault.home.name
    schedule          = "cron(0 3 * * ? *)"

    copy_action {
      destination_vault_arn = aws_backup_vault.second.arn
    }
  }
}

resource "aws_backup_selection" "weights" {
  name         = "weights"
  iam_role_arn = "arn:aws:iam::111122223333:role/backup"
  plan_id      = aws_backup_plan.nightly.id
  resources    = [aws_s3_bucket.checkpoints.arn, aws_efs_file_system.shared.arn]
}
