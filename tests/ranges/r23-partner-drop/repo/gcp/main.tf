terraform {
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.0"
    }
  }
}

provider "google" {
  project = "skerry-tpu"
  region  = "europe-west4"
}

variable "drop" {
  type = map(object({ from = string, to = string }))
  default = {
    weekly = { from = "skerry-ledge", to = "tarnwell-incoming" }
    data   = { from = "skerry-corpus", to = "skerry-corpus-copy" }
  }
}

resource "google_storage_bucket" "copy" {
  name                        = "skerry-corpus-copy"
  location                    = "EUROPE-WEST4"
  uniform_bucket_level_access = true
}

resource "google_storage_transfer_job" "this" {
  for_each    = var.drop
  description = each.key
  transfer_spec {
    aws_s3_data_source {
      bucket_name = each.value.from
      role_arn    = "arn:aws:iam::780000000078:role/transfer"
    }
    gcs_data_sink {
      bucket_name = each.value.to
    }
  }
  schedule {
    schedule_start_date {
      year  = 2026
      month = 6
      day   = 1
    }
    repeat_interval = "604800s"
  }
}
