resource "google_artifact_registry_repository_iam_member" "pull" {
  repository = google_artifact_registry_repository.serving.name
  location   = google_artifact_registry_repository.serving.location
  role       = "roles/artifactregistry.reader"
  member     = "serviceAccount:serving@acme-ml.iam.gserviceaccount.com"
}
