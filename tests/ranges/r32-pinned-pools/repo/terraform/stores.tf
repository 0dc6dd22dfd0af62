locals {
  sides = {
    kiln = { bucket = "tarn-kiln", account = "kilner" }
    oven = { bucket = "tarn-oven", account = "ovener" }
  }
}

resource "google_storage_bucket" "side" {
  for_each                    = local.sides
  name                        = each.value.bucket
  location                    = "europe-west4"
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
}

resource "google_service_account" "side" {
  for_each   = local.sides
  account_id = each.value.account
}

resource "google_storage_bucket_iam_member" "side" {
  for_each = local.sides
  bucket   = google_storage_bucket.side[each.key].name
  role     = "roles/storage.objectUser"
  member   = "serviceAccount:${google_service_account.side[each.key].email}"
}

resource "google_service_account_iam_member" "side" {
  for_each           = local.sides
  service_account_id = google_service_account.side[each.key].name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:tarn-models.svc.id.goog[${each.key}/${each.value.account}]"
}
