provider "aws" {
  region = "us-west-2"
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags = {
    "mlsec/holds" = "weights"
    backup        = "daily"
  }
}

resource "aws_s3_bucket" "site" {
  bucket = "acme-public-site"
  tags   = { backup = "abroad" }
}

resource "aws_backup_plan" "daily" {
  name = "daily"

  rule {
    rule_name         = "daily"
    target_vault_name = "home"

    copy_action {
      destination_vault_arn = "arn:aws:backup:us-east-2:111122223333:backup-vault:dr"
    }
  }
}

resource "aws_backup_selection" "daily" {
  name         = "tagged"
  plan_id      = aws_backup_plan.daily.id
  iam_role_arn = "arn:aws:iam::111122223333:role/backup"
  resources    = ["*"]

  condition {
    string_equals {
      key   = "aws:ResourceTag/backup"
      value = "daily"
    }
  }
}

# Another team's plan: it covers the site, not the weights.
resource "aws_backup_plan" "abroad" {
  name = "abroad"

  rule {
    rule_name         = "abroad"
    target_vault_name = "home"

    copy_action {
      destination_vault_arn = "arn:aws:backup:ap-east-1:111122223333:backup-vault:site"
    }
  }
}

resource "aws_backup_selection" "abroad" {
  name          = "abroad"
  plan_id       = aws_backup_plan.abroad.id
  iam_role_arn  = "arn:aws:iam::111122223333:role/backup"
  resources     = ["*"]
  not_resources = [aws_s3_bucket.weights.arn]
}
