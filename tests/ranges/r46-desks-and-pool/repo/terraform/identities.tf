resource "google_service_account" "fit" {
  account_id   = "voice-fit"
  display_name = "Vertex training"
}

resource "google_service_account" "listen" {
  account_id   = "voice-listen"
  display_name = "Listening tests"
}

resource "google_storage_bucket_iam_member" "fit" {
  bucket = google_storage_bucket.voice.name
  role   = "roles/storage.objectUser"
  member = google_service_account.fit.member
}

resource "google_storage_bucket_iam_member" "listen" {
  bucket = google_storage_bucket.clips.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.listen.member
}

resource "google_project_iam_member" "fit_vertex" {
  project = data.google_project.this.project_id
  role    = "roles/aiplatform.user"
  member  = google_service_account.fit.member
}
