resource "google_compute_network" "serving" {
  name                    = "serving"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "gpu" {
  name                     = "gpu"
  network                  = google_compute_network.serving.id
  region                   = "europe-west1"
  ip_cidr_range            = "10.30.0.0/20"
  private_ip_google_access = true
}

resource "google_compute_subnetwork" "build" {
  name          = "build"
  network       = google_compute_network.serving.id
  region        = "europe-west1"
  ip_cidr_range = "10.30.64.0/24"
}

resource "google_compute_router" "build" {
  name    = "build"
  network = google_compute_network.serving.id
  region  = "europe-west1"
}

resource "google_compute_router_nat" "build" {
  name                               = "build"
  router                             = google_compute_router.build.name
  region                             = "europe-west1"
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "LIST_OF_SUBNETWORKS"
  subnetwork {
    name                    = google_compute_subnetwork.build.id
    source_ip_ranges_to_nat = ["ALL_IP_RANGES"]
  }
}

resource "google_dns_managed_zone" "apis" {
  name       = "googleapis"
  dns_name   = "googleapis.com."
  visibility = "private"
  private_visibility_config {
    networks {
      network_url = google_compute_network.serving.id
    }
  }
}

resource "google_dns_record_set" "restricted" {
  managed_zone = google_dns_managed_zone.apis.name
  name         = "restricted.googleapis.com."
  type         = "A"
  ttl          = 300
  rrdatas      = ["199.36.153.4", "199.36.153.5", "199.36.153.6", "199.36.153.7"]
}

resource "google_dns_record_set" "all" {
  managed_zone = google_dns_managed_zone.apis.name
  name         = "*.googleapis.com."
  type         = "CNAME"
  ttl          = 300
  rrdatas      = ["restricted.googleapis.com."]
}

resource "google_compute_firewall" "iap_ssh" {
  name          = "iap-ssh"
  network       = google_compute_network.serving.name
  source_ranges = ["35.235.240.0/20"]
  allow {
    protocol = "tcp"
    ports    = ["22"]
  }
}
