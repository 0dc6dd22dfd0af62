resource "google_service_account" "finetune" {
  for_each   = var.stages
  account_id = "finetune-${each.key}"
}

resource "google_storage_bucket_iam_member" "finetune" {
  for_each = var.stages
  bucket   = google_storage_bucket.ckpt[each.key].name
  role     = "roles/storage.objectUser"
  member   = "serviceAccount:${google_service_account.finetune[each.key].email}"
}

resource "google_service_account_iam_member" "finetune" {
  for_each           = var.stages
  service_account_id = google_service_account.finetune[each.key].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:${var.project}.svc.id.goog[finetune-${each.key}/finetune]"
}
