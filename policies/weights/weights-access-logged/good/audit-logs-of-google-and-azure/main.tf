variable "project" {
  type = string
}

provider "google" {
  project = var.project
}

resource "google_storage_bucket" "weights" {
  name     = "acme-weights"
  location = "US-WEST1"
  labels   = { "mlsec-holds" = "weights" }
}

resource "google_project_iam_audit_config" "reads" {
  project = var.project
  service = "storage.googleapis.com"

  audit_log_config {
    log_type = "DATA_READ"
  }
}

resource "azurerm_storage_account" "weights" {
  name                     = "acmeweights"
  resource_group_name      = "ml"
  location                 = "westus3"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  tags                     = { "mlsec-holds" = "weights" }
}

resource "azurerm_monitor_diagnostic_setting" "weights" {
  name                       = "weights"
  target_resource_id         = "${azurerm_storage_account.weights.id}/blobServices/default/"
  log_analytics_workspace_id = "workspace"

  enabled_log {
    category = "StorageRead"
  }
}
