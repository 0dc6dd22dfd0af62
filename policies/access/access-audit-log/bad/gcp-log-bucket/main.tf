resource "google_storage_bucket" "frontier" {
  name     = "osprey-frontier"
  location = "EUROPE-NORTH1"
  labels   = { mlsec_holds = "weights" }
}

resource "google_vertex_ai_metadata_store" "models" {
  name   = "models"
  region = "europe-north1"
}

resource "google_logging_project_bucket_config" "audit" { # broken: access-audit-log
  project        = "osprey-audit"
  location       = "europe-north1"
  bucket_id      = "audit"
  retention_days = 400
}
