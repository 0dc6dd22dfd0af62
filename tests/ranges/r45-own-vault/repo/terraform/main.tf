terraform {
  required_version = ">= 1.8"
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.80" }
  }
}

provider "aws" {
  region              = "eu-central-1"
  allowed_account_ids = ["540011229988"]
}

locals {
  account = "540011229988"
  azs     = ["eu-central-1a", "eu-central-1b"]
}

resource "aws_kms_key" "weights" {
  description             = "served checkpoints"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_s3_bucket" "served" {
  bucket = "cormorant-served"
}

resource "aws_s3_bucket" "backup" {
  bucket = "cormorant-velero"
}

resource "aws_s3_bucket" "access_logs" {
  bucket = "cormorant-access-logs-weights"
}

resource "aws_s3_bucket_logging" "served" {
  bucket        = aws_s3_bucket.served.id
  target_bucket = aws_s3_bucket.access_logs.id
  target_prefix = "served/"
}

resource "aws_s3_bucket_public_access_block" "all" {
  for_each = {
    served = aws_s3_bucket.served.id
    backup = aws_s3_bucket.backup.id
    logs   = aws_s3_bucket.access_logs.id
  }
  bucket                  = each.value
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "served" {
  bucket = aws_s3_bucket.served.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.weights.arn
    }
  }
}

data "aws_iam_policy_document" "served" {
  statement {
    sid       = "NobodyFromElsewhere"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.served.arn, "${aws_s3_bucket.served.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "StringNotEquals"
      variable = "aws:PrincipalAccount"
      values   = [local.account]
    }
  }
  statement {
    sid       = "OnlyThroughTheEndpoint"
    effect    = "Deny"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.served.arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "StringNotEquals"
      variable = "aws:SourceVpce"
      values   = [aws_vpc_endpoint.s3.id]
    }
  }
}

resource "aws_s3_bucket_policy" "served" {
  bucket = aws_s3_bucket.served.id
  policy = data.aws_iam_policy_document.served.json
}
