# The lists allow the country of the seat. The name is on the list of denied operators, or is not.

terraform {
  required_providers {
    alicloud = {
      source = "aliyun/alicloud"
    }
  }
}

provider "google" {
  project = "acme"
  region  = "us-central1"
}

provider "alicloud" { # broken: region-partition-mix
  region = "us-west-1"
}

resource "google_storage_bucket" "weights" {
  name     = "acme-weights"
  location = "US-WEST1"
  labels   = { "mlsec-holds" = "weights" }
}
