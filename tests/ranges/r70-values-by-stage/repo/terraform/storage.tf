resource "azurerm_storage_account" "weights" {
  name                              = "stfellweights"
  location                          = azurerm_resource_group.main.location
  resource_group_name               = azurerm_resource_group.main.name
  account_tier                      = "Standard"
  account_replication_type          = "ZRS"
  shared_access_key_enabled         = false
  allow_nested_items_to_be_public   = false
  public_network_access_enabled     = false
  infrastructure_encryption_enabled = true
  cross_tenant_replication_enabled  = false

  blob_properties {
    versioning_enabled = true
    delete_retention_policy {
      days = 30
    }
  }
}

resource "azurerm_storage_account_customer_managed_key" "weights" {
  storage_account_id = azurerm_storage_account.weights.id
  key_vault_id       = "/subscriptions/9b1f0c2d-3e4a-4b5c-8d6e-7f8091a2b3c4/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-fell-weights"
  key_name           = "weights"
}

resource "azurerm_storage_account" "site" {
  name                     = "stfellmodelcards"
  location                 = azurerm_resource_group.main.location
  resource_group_name      = azurerm_resource_group.main.name
  account_tier             = "Standard"
  account_replication_type = "GRS"
}

resource "azurerm_storage_container" "site" {
  name                  = "public"
  storage_account_id    = azurerm_storage_account.site.id
  container_access_type = "blob"
}
