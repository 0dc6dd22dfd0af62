resource "google_compute_router" "main" {
  name    = "main"
  network = google_compute_network.main.id
  region  = "europe-west4"
}

resource "google_compute_router_nat" "main" {
  name                               = "main"
  router                             = google_compute_router.main.name
  region                             = "europe-west4"
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "ALL_SUBNETWORKS_ALL_IP_RANGES" # broken: weights-to-internet
}
