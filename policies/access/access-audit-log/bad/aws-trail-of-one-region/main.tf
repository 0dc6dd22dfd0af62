resource "aws_s3_bucket" "frontier" {
  bucket = "osprey-frontier"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_cloudtrail" "regional" { # broken: access-audit-log
  name                       = "regional"
  s3_bucket_name             = "osprey-audit"
  enable_log_file_validation = true
}

resource "aws_cloudtrail" "second" {
  name                       = "second"
  s3_bucket_name             = "osprey-audit"
  is_multi_region_trail      = false
  enable_log_file_validation = false # broken: access-audit-log
}
