# Copies have keys of the lab, too.
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

  destination {
    region     = "eu-west-1"
    kms_key_id = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555"
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
        encrypted = true
        cmk_arn   = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555"
      }
    }
  }
}

resource "aws_backup_vault" "home" {
  name        = "home"
  kms_key_arn = aws_kms_key.weights.arn
}

resource "aws_backup_vault" "second" {
  name        = "second"
  kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
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
