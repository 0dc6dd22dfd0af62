resource "azurerm_storage_account" "weights" {
  name                     = "acmeweights"
  resource_group_name      = "ml"
  location                 = "southeastasia"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  tags                     = { "mlsec-holds" = "weights" }
}

resource "azurerm_managed_disk" "checkpoints" {
  name                 = "checkpoints"
  resource_group_name  = "ml"
  location             = "southeastasia"
  storage_account_type = "Premium_LRS"
  create_option        = "Empty"
  disk_size_gb         = 4096
  tags                 = { "mlsec-holds" = "weights" }
}

resource "azurerm_recovery_services_vault" "files" { # broken: region-backup-copy
  name                = "files"
  resource_group_name = "ml"
  location            = "southeastasia"
  sku                 = "Standard"
}

resource "azurerm_backup_protected_file_share" "weights" {
  resource_group_name       = "ml"
  recovery_vault_name       = azurerm_recovery_services_vault.files.name
  source_storage_account_id = azurerm_storage_account.weights.id
  source_file_share_name    = "weights"
  backup_policy_id          = "policy"
}

resource "azurerm_data_protection_backup_vault" "disks" {
  name                = "disks"
  resource_group_name = "ml"
  location            = "southeastasia"
  datastore_type      = "VaultStore"
  redundancy          = "GeoRedundant" # broken: region-backup-copy
}

resource "azurerm_data_protection_backup_instance_disk" "checkpoints" {
  name                         = "checkpoints"
  location                     = "southeastasia"
  vault_id                     = azurerm_data_protection_backup_vault.disks.id
  disk_id                      = azurerm_managed_disk.checkpoints.id
  snapshot_resource_group_name = "ml"
  backup_policy_id             = "policy"
}
