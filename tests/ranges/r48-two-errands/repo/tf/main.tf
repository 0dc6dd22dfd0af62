provider "google" {
  project = var.project
  region  = var.region
}

variable "project" {
  type = string
}

variable "region" {
  type = string
}

locals {
  stores = {
    fronds = { users = ["publisher", "shuttle"] }
    tables = { users = ["tabler"] }
  }
  grants = merge([
    for s, v in local.stores : { for u in v.users : "${s}/${u}" => { store = s, user = u } }
  ]...)
}

resource "google_storage_bucket" "store" {
  for_each                    = local.stores
  name                        = "kelpforest-${each.key}"
  location                    = upper(var.region)
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
}

resource "google_service_account" "job" {
  for_each   = toset(flatten([for v in local.stores : v.users]))
  account_id = each.key
}

resource "google_storage_bucket_iam_member" "job" {
  for_each = local.grants
  bucket   = google_storage_bucket.store[each.value.store].name
  role     = "roles/storage.objectViewer"
  member   = "serviceAccount:${google_service_account.job[each.value.user].email}"
}

resource "google_storage_bucket_iam_member" "trainer" {
  bucket = google_storage_bucket.store["fronds"].name
  role   = "roles/storage.objectUser"
  member = "principal://iam.googleapis.com/projects/987654321098/locations/global/workloadIdentityPools/${var.project}.svc.id.goog/subject/ns/errands/sa/trainer"
}

resource "google_service_account_iam_member" "wi" {
  for_each           = google_service_account.job
  service_account_id = each.value.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "serviceAccount:${var.project}.svc.id.goog[errands/${each.key}]"
}
