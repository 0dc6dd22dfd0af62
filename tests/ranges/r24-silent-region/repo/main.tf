terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

provider "aws" {
  region = "ap-southeast-1"
}

provider "aws" {
  alias  = "second"
  region = var.second_region
}

provider "aws" {
  alias  = "third"
  region = "ap-southeast-2"
}

variable "second_region" {
  type    = string
  default = "ap-east-1"
}

resource "aws_s3_bucket" "gale" {
  bucket = "fulmar-gale"
}

resource "aws_s3_bucket_public_access_block" "gale" {
  bucket                  = aws_s3_bucket.gale.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket" "eddy" {
  bucket = "fulmar-eddy"
}

resource "aws_s3_bucket_public_access_block" "eddy" {
  bucket                  = aws_s3_bucket.eddy.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket" "gale_copy" {
  provider = aws.second
  bucket   = "fulmar-gale-dr"
}

resource "aws_s3_bucket" "eddy_copy" {
  provider = aws.third
  bucket   = "fulmar-eddy-dr"
}

resource "aws_s3_bucket_versioning" "all" {
  for_each = { gale = aws_s3_bucket.gale.id, eddy = aws_s3_bucket.eddy.id }
  bucket   = each.value
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_iam_role" "copy" {
  name = "copy"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_s3_bucket_replication_configuration" "gale" {
  bucket = aws_s3_bucket.gale.id
  role   = aws_iam_role.copy.arn
  rule {
    id     = "all"
    status = "Enabled"
    destination {
      bucket = aws_s3_bucket.gale_copy.arn
    }
  }
}

resource "aws_s3_bucket_replication_configuration" "eddy" {
  bucket = aws_s3_bucket.eddy.id
  role   = aws_iam_role.copy.arn
  rule {
    id     = "all"
    status = "Enabled"
    destination {
      bucket = aws_s3_bucket.eddy_copy.arn
    }
  }
}
