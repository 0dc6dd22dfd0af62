provider "aws" {
  region = "us-west-2"
}

resource "random_id" "suffix" {
  byte_length = 4
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket" "checkpoints" {
  bucket = "acme-${random_id.suffix.hex}"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket" "served" {
  bucket = "acme-served"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_s3_bucket" "logs" {
  bucket = "acme-logs"
}

resource "aws_s3_bucket_logging" "served" {
  bucket        = aws_s3_bucket.served.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "served/"
}

resource "aws_cloudtrail" "data" {
  name           = "data"
  s3_bucket_name = aws_s3_bucket.logs.id

  event_selector {
    data_resource {
      type   = "AWS::S3::Object"
      values = ["${aws_s3_bucket.checkpoints.arn}/"]
    }
  }
}

resource "aws_cloudtrail" "advanced" {
  name                  = "advanced"
  s3_bucket_name        = aws_s3_bucket.logs.id
  is_multi_region_trail = true

  advanced_event_selector {
    name = "reads of weights"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }
    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }
    field_selector {
      field       = "resources.ARN"
      starts_with = ["arn:aws:s3:::acme-frontier-"]
    }
  }
}
