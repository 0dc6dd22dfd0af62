provider "aws" {
  region = "us-west-2"
}

variable "logged" {
  type = list(string)
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-frontier-weights"
  tags   = { "mlsec/holds" = "weights" }
}

resource "aws_cloudtrail" "data" {
  name           = "data"
  s3_bucket_name = "acme-trail"

  event_selector {
    data_resource {
      type   = "AWS::S3::Object"
      values = var.logged # unknown: weights-access-logged
    }
  }
}

resource "google_storage_bucket" "weights" {
  name     = "acme-weights"
  location = "US-WEST1"
  project  = "acme-ml"
  labels   = { "mlsec-holds" = "weights" }
}

resource "google_project_iam_audit_config" "reads" {
  project = "acme-ml"
  service = "storage.googleapis.com"

  audit_log_config {
    log_type         = "DATA_READ" # unknown: weights-access-logged
    exempted_members = ["serviceAccount:trainer@acme-ml.iam.gserviceaccount.com"]
  }
}
