resource "google_service_account" "this" {
  for_each   = toset(["vertex-train", "analyst"])
  account_id = each.key
}

resource "google_storage_bucket_iam_member" "train" {
  bucket = google_storage_bucket.staging.name
  role   = "roles/storage.objectAdmin"
  member = google_service_account.this["vertex-train"].member
}

resource "google_storage_bucket_iam_member" "analyst" {
  bucket = google_storage_bucket.metrics.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.this["analyst"].member
}

resource "google_bigquery_dataset_iam_member" "analyst" {
  dataset_id = "experiments"
  role       = "roles/bigquery.dataViewer"
  member     = "group:research@heron.example"
}
