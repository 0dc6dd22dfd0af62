provider "google" {
  project = "tarn-models"
  region  = "europe-west4"
}

resource "google_compute_network" "tarn" {
  name                    = "tarn"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "part" {
  for_each                 = { gpu = "10.60.0.0/20", build = "10.60.16.0/20" }
  name                     = each.key
  network                  = google_compute_network.tarn.id
  ip_cidr_range            = each.value
  region                   = "europe-west4"
  private_ip_google_access = true
}

resource "google_compute_router" "tarn" {
  name    = "tarn"
  network = google_compute_network.tarn.id
  region  = "europe-west4"
}

resource "google_compute_router_nat" "tarn" {
  name                               = "tarn"
  router                             = google_compute_router.tarn.name
  region                             = "europe-west4"
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "LIST_OF_SUBNETWORKS"

  subnetwork {
    name                    = google_compute_subnetwork.part["build"].id
    source_ip_ranges_to_nat = ["ALL_IP_RANGES"]
  }
}
