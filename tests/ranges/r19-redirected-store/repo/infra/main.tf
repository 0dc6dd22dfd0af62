terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

provider "aws" {
  region = "eu-north-1"
}

resource "aws_s3_bucket" "plume" {
  bucket = "petrel-plume"
}

resource "aws_s3_bucket_public_access_block" "plume" {
  bucket                  = aws_s3_bucket.plume.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket" "quill" {
  bucket = "petrel-quill"
}

resource "aws_s3_bucket_public_access_block" "quill" {
  bucket                  = aws_s3_bucket.quill.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
