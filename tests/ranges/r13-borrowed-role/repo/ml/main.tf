terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

provider "aws" {
  region = "us-west-2"
}

resource "aws_s3_bucket" "lode" {
  bucket = "ferrous-lode"
}

resource "aws_s3_bucket_public_access_block" "lode" {
  bucket                  = aws_s3_bucket.lode.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket" "labels" {
  bucket = "ferrous-model-labels"
}

resource "aws_s3_bucket_public_access_block" "labels" {
  bucket                  = aws_s3_bucket.labels.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

data "aws_iam_policy_document" "sagemaker" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["sagemaker.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "fit" {
  name               = "sage-fit"
  assume_role_policy = data.aws_iam_policy_document.sagemaker.json
}

resource "aws_iam_role_policy" "fit" {
  name   = "data"
  role   = aws_iam_role.fit.name
  policy = data.aws_iam_policy_document.fit.json
}

data "aws_iam_policy_document" "fit" {
  statement {
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${aws_s3_bucket.lode.arn}/*"]
  }
}

resource "aws_iam_role" "annotate" {
  name               = "sage-annotate"
  assume_role_policy = data.aws_iam_policy_document.sagemaker.json
}

resource "aws_iam_role_policy" "annotate" {
  name   = "data"
  role   = aws_iam_role.annotate.name
  policy = data.aws_iam_policy_document.annotate.json
}

data "aws_iam_policy_document" "annotate" {
  statement {
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${aws_s3_bucket.labels.arn}/*"]
  }
}
