variable "project" {
  type    = string
  default = "valley-train"
}

data "google_project" "this" {
  project_id = var.project
}

variable "region" {
  type    = string
  default = "europe-west1"
}

variable "enable_nat" {
  type    = bool
  default = false
}

provider "google" {
  project = var.project
  region  = var.region
}
