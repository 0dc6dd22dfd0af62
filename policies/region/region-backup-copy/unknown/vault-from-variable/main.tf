provider "aws" {
  region = "us-west-2"
}

variable "vault" {
  type = string
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_backup_plan" "daily" {
  name = "daily"

  rule {
    rule_name         = "daily"
    target_vault_name = "home"

    copy_action {
      destination_vault_arn = var.vault # unknown: region-backup-copy
    }
  }
}

resource "aws_backup_selection" "daily" {
  name         = "buckets"
  plan_id      = aws_backup_plan.daily.id
  iam_role_arn = "arn:aws:iam::111122223333:role/backup"
  resources    = [aws_s3_bucket.weights.arn]
}
