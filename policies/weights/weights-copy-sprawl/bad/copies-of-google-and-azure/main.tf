resource "google_storage_bucket" "weights" { # broken: weights-copy-sprawl
  name     = "acme-weights"
  location = "US-WEST1"
  labels   = { "mlsec-holds" = "weights" }
}

resource "google_storage_bucket" "copy" {
  for_each = toset(["eval", "serving", "partner"])
  name     = "acme-copy-${each.key}"
  location = "US-WEST1"
}

resource "google_storage_transfer_job" "copy" {
  for_each    = google_storage_bucket.copy
  description = each.key

  transfer_spec {
    gcs_data_source {
      bucket_name = google_storage_bucket.weights.name
    }
    gcs_data_sink {
      bucket_name = each.value.name
    }
  }
}

resource "azurerm_storage_account" "weights" { # broken: weights-copy-sprawl
  name                     = "acmeweights"
  resource_group_name      = "ml"
  location                 = "westus3"
  account_tier             = "Standard"
  account_replication_type = "GRS"
  tags                     = { "mlsec-holds" = "weights" }
}

resource "azurerm_storage_account" "copy" {
  for_each                 = toset(["a", "b"])
  name                     = "acmecopy${each.key}"
  resource_group_name      = "ml"
  location                 = "westus3"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
}

resource "azurerm_storage_object_replication" "copy" {
  for_each                       = azurerm_storage_account.copy
  source_storage_account_id      = azurerm_storage_account.weights.id
  destination_storage_account_id = each.value.id

  rules {
    source_container_name      = "weights"
    destination_container_name = "weights"
  }
}
