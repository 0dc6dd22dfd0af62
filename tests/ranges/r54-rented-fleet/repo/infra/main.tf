terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.60" }
  }
}

provider "aws" {
  region = "ca-central-1"
}

locals {
  buckets = {
    nest  = { expire = 0 }
    bench = { expire = 90 }
  }
}

resource "aws_s3_bucket" "this" {
  for_each = local.buckets
  bucket   = "osprey-${each.key}"
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each                = local.buckets
  bucket                  = aws_s3_bucket.this[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = { for k, b in local.buckets : k => b if b.expire > 0 }
  bucket   = aws_s3_bucket.this[each.key].id
  rule {
    id     = "old"
    status = "Enabled"
    filter {}
    expiration {
      days = each.value.expire
    }
  }
}
