terraform {
  required_version = ">= 1.6"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 6.12"
    }
  }
}

provider "google" {
  project = var.project_id
  region  = var.region
}

module "workbench" {
  source   = "./modules/workbench"
  for_each = var.workbenches

  name            = each.key
  zone            = "${var.region}-b"
  machine_type    = each.value.machine_type
  service_account = google_service_account.this[each.value.runs_as].email
  public_ip       = each.value.public_ip
}
