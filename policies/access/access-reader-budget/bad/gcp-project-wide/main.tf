resource "google_storage_bucket" "frontier" {
  project  = "osprey-train"
  name     = "osprey-frontier"
  location = "EUROPE-NORTH1"
  labels   = { "mlsec-holds" = "weights" }
}

resource "google_project_iam_binding" "viewers" {
  project = "osprey-train"
  role    = "roles/storage.objectViewer" # broken: access-reader-budget
  members = [
    "group:pretrain@osprey.example",
    "group:posttrain@osprey.example",
    "group:evals@osprey.example",
    "serviceAccount:serving@osprey-train.iam.gserviceaccount.com",
  ]
}
