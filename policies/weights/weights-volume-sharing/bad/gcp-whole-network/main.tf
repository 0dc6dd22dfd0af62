resource "google_filestore_instance" "checkpoints" {
  name     = "checkpoints"
  location = "europe-west4-a"
  tier     = "ZONAL"
  labels   = { "mlsec-holds" = "weights" }

  file_shares { # broken: weights-volume-sharing
    name        = "checkpoints"
    capacity_gb = 10240
  }

  networks {
    network = "lab"
    modes   = ["MODE_IPV4"]
  }
}

resource "google_netapp_volume" "weights" {
  name         = "weights"
  location     = "europe-west4"
  capacity_gib = 4096
  share_name   = "weights"
  storage_pool = "lab"
  protocols    = ["NFSV4"]

  export_policy {
    rules {
      access_type     = "READ_WRITE"
      allowed_clients = "10.20.4.0/28,0.0.0.0/0" # broken: weights-volume-sharing
      nfsv4           = true
    }
  }
}
