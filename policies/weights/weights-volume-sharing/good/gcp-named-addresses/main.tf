resource "google_compute_subnetwork" "trainers" {
  name          = "trainers"
  network       = "lab"
  region        = "europe-west4"
  ip_cidr_range = "10.20.4.0/24"
}

resource "google_filestore_instance" "checkpoints" {
  name     = "checkpoints"
  location = "europe-west4-a"
  tier     = "ZONAL"
  labels   = { "mlsec-holds" = "weights" }

  file_shares {
    name        = "checkpoints"
    capacity_gb = 10240

    nfs_export_options {
      ip_ranges   = [google_compute_subnetwork.trainers.ip_cidr_range]
      access_mode = "READ_WRITE"
      squash_mode = "ROOT_SQUASH"
      anon_uid    = 1000
      anon_gid    = 1000
    }
  }

  networks {
    network = "lab"
    modes   = ["MODE_IPV4"]
  }
}
