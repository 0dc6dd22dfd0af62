data "google_project" "serving" {
  project_id = "acme-serving"
}

resource "google_storage_bucket_iam_binding" "readers" {
  bucket = google_storage_bucket.weights.name
  role   = "roles/storage.objectViewer"

  members = [
    "serviceAccount:server@acme-serving.iam.gserviceaccount.com",
    "serviceAccount:service-123456789012@gcp-sa-aiplatform.iam.gserviceaccount.com",
    "serviceAccount:service-123456789012@dataproc-accounts.iam.gserviceaccount.com",
    "serviceAccount:123456789012@cloudservices.gserviceaccount.com",
    "serviceAccount:service-${data.google_project.serving.number}@container-engine-robot.iam.gserviceaccount.com",
  ]
}
