resource "aws_cloudtrail" "reads" {
  name                       = "osprey-reads"
  s3_bucket_name             = "osprey-audit-log"
  is_multi_region_trail      = true
  enable_log_file_validation = true

  advanced_event_selector {
    name = "Reads and writes of everything that trainers write"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }

    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }
  }
}
