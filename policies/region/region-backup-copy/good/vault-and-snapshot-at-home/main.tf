resource "azurerm_storage_account" "weights" {
  name                     = "acmeweights"
  resource_group_name      = "ml"
  location                 = "southeastasia"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  tags                     = { "mlsec-holds" = "weights" }
}

resource "azurerm_recovery_services_vault" "files" {
  name                = "files"
  resource_group_name = "ml"
  location            = "southeastasia"
  sku                 = "Standard"
  storage_mode_type   = "ZoneRedundant"
}

resource "azurerm_backup_protected_file_share" "weights" {
  resource_group_name       = "ml"
  recovery_vault_name       = azurerm_recovery_services_vault.files.name
  source_storage_account_id = azurerm_storage_account.weights.id
  source_file_share_name    = "weights"
  backup_policy_id          = "policy"
}

resource "google_compute_disk" "checkpoints" {
  name   = "checkpoints"
  zone   = "us-central1-a"
  size   = 4096
  labels = { "mlsec-holds" = "weights" }
}

resource "google_compute_snapshot" "before_release" {
  name              = "before-release"
  source_disk       = google_compute_disk.checkpoints.id
  storage_locations = ["us"]
}
