terraform {
  required_providers {
    google = { source = "hashicorp/google", version = "~> 6.20" }
  }
  backend "gcs" {
    bucket = "auricle-tfstate"
    prefix = "ml"
  }
}

provider "google" {
  project = "auricle-ml"
  region  = "europe-west3"
}

data "google_project" "this" {}

data "google_compute_network" "shared" {
  name    = "auricle-shared"
  project = "auricle-net"
}

data "google_compute_subnetwork" "desks" {
  name    = "desks"
  project = "auricle-net"
  region  = "europe-west3"
}
