resource "google_kms_key_ring" "weights" {
  name     = "weights"
  location = "europe-west4"
}

resource "google_kms_crypto_key" "weights" {
  name     = "weights"
  key_ring = google_kms_key_ring.weights.id
}

resource "google_compute_disk" "checkpoints" {
  name   = "checkpoints"
  zone   = "europe-west4-a"
  size   = 4096
  labels = { "mlsec-holds" = "weights" }

  disk_encryption_key {
    kms_key_self_link = google_kms_crypto_key.weights.id
  }
}

resource "google_iam_workload_identity_pool" "attested" {
  workload_identity_pool_id = "attested"
}

resource "google_iam_workload_identity_pool_provider" "attested" {
  workload_identity_pool_id          = google_iam_workload_identity_pool.attested.workload_identity_pool_id
  workload_identity_pool_provider_id = "attested"
  attribute_condition                = "assertion.swname == 'CONFIDENTIAL_SPACE' && 'STABLE' in assertion.submods.confidential_space.support_attributes"
  attribute_mapping                  = { "google.subject" = "assertion.sub", "attribute.image" = "assertion.submods.container.image_digest" }

  oidc {
    issuer_uri = "https://confidentialcomputing.googleapis.com/"
  }
}

resource "google_kms_crypto_key_iam_member" "attested" {
  crypto_key_id = google_kms_crypto_key.weights.id
  role          = "roles/cloudkms.cryptoKeyDecrypter"
  member        = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.attested.name}/attribute.image/sha256:0123"
}

resource "google_compute_instance" "inference" {
  name         = "inference"
  zone         = "europe-west4-a"
  machine_type = "c3-standard-176"

  boot_disk {
    initialize_params {
      image = "confidential-space-images/confidential-space"
    }
  }

  attached_disk {
    source = google_compute_disk.checkpoints.id
  }

  network_interface {
    network = "lab"
  }

  confidential_instance_config {
    confidential_instance_type = "TDX"
  }
}
