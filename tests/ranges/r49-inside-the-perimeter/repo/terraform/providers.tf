terraform {
  required_providers {
    google = { source = "hashicorp/google", version = "~> 6.0" }
  }
}

provider "google" {
  project = "quartzite-models"
  region  = "europe-west1"
}

variable "org_id" {
  type    = string
  default = "402211009988"
}

variable "access_policy" {
  type    = string
  default = "700100200300"
}
