resource "azurerm_storage_account" "released" {
  name                     = "acmereleasedweights"
  resource_group_name      = "rg-training"
  location                 = "westus3"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  tags                     = { mlsec-holds = "weights" }

  blob_properties {
    versioning_enabled = true
  }
}

resource "azurerm_storage_container" "released" {
  name               = "released"
  storage_account_id = azurerm_storage_account.released.id
}

resource "azurerm_storage_container_immutability_policy" "released" {
  storage_container_resource_manager_id = azurerm_storage_container.released.id
  immutability_period_in_days           = 365
  locked                                = true
}
