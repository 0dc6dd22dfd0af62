provider "aws" {
  region = "us-west-2"
}

provider "aws" {
  alias  = "dr"
  region = "ap-east-1"
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags = {
    "mlsec/holds" = "weights"
    backup        = "daily"
  }
}

resource "aws_efs_file_system" "checkpoints" {
  encrypted = true
  tags      = { "mlsec/holds" = "weights" }
}

resource "aws_backup_vault" "home" {
  name = "home"
}

resource "aws_backup_vault" "dr" {
  provider = aws.dr
  name     = "dr"
}

resource "aws_backup_plan" "daily" {
  name = "daily"

  rule {
    rule_name         = "daily"
    target_vault_name = aws_backup_vault.home.name
    schedule          = "cron(0 5 * * ? *)"

    copy_action {
      destination_vault_arn = aws_backup_vault.dr.arn # broken: region-backup-copy
    }
  }
}

resource "aws_backup_selection" "daily" {
  name         = "tagged"
  plan_id      = aws_backup_plan.daily.id
  iam_role_arn = "arn:aws:iam::111122223333:role/backup"

  selection_tag {
    type  = "STRINGEQUALS"
    key   = "backup"
    value = "daily"
  }
}

resource "aws_backup_plan" "files" {
  name = "files"

  rule {
    rule_name         = "weekly"
    target_vault_name = "home"

    copy_action {
      destination_vault_arn = "arn:aws:backup:ap-east-1:444455556666:backup-vault:vault" # broken: region-backup-copy
    }
  }
}

resource "aws_backup_selection" "files" {
  name         = "every-file-system"
  plan_id      = aws_backup_plan.files.id
  iam_role_arn = "arn:aws:iam::111122223333:role/backup"
  resources    = ["arn:aws:elasticfilesystem:*:*:file-system/*"]
}
