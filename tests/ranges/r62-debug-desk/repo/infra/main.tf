terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.80"
    }
  }
}

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "me" {}

module "artifacts" {
  source       = "./modules/bucket"
  for_each     = var.buckets
  name         = "fathom-${each.key}-${var.env}"
  kms_key_arn  = aws_kms_key.ml.arn
  readers      = each.value.reader_accounts
}

resource "aws_kms_key" "ml" {
  description         = "ml artifacts"
  enable_key_rotation = true
}
