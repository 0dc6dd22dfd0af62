resource "google_storage_bucket" "frontier" {
  name     = "osprey-frontier"
  location = "EUROPE-NORTH1"
  labels   = { mlsec_holds = "weights" }
}

resource "google_vertex_ai_metadata_store" "models" {
  name   = "models"
  region = "europe-north1"
}

resource "google_storage_bucket" "audit" {
  name     = "osprey-audit"
  location = "EUROPE-NORTH1"

  retention_policy {
    retention_period = 34560000
    is_locked        = false # broken: access-audit-log
  }
}

resource "google_logging_organization_sink" "audit" {
  name             = "audit"
  org_id           = "123456789012"
  destination      = "storage.googleapis.com/${google_storage_bucket.audit.name}"
  include_children = true
  filter           = "logName:cloudaudit.googleapis.com"
}
