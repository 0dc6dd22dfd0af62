provider "aws" {
  region              = "eu-central-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_kms_key" "weights" {
  description = "weights"
}

resource "aws_efs_file_system" "shared" {
  encrypted  = true
  kms_key_id = aws_kms_key.weights.arn
  tags       = { "mlsec/holds" = "weights" }
}

resource "aws_backup_plan" "nightly" {
  name = "nightly"

  rule {
    rule_name         = "nightly"
    target_vault_name = "kept-by-another-team" # unknown: weights-customer-key
  }
}

resource "aws_backup_selection" "weights" {
  name         = "weights"
  iam_role_arn = "arn:aws:iam::111122223333:role/backup"
  plan_id      = aws_backup_plan.nightly.id
  resources    = [aws_efs_file_system.shared.arn]
}
