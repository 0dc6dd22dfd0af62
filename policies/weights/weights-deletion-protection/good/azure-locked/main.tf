data "azurerm_client_config" "current" {}

resource "azurerm_resource_group" "lab" {
  name     = "lab"
  location = "westeurope"
}

resource "azurerm_key_vault" "lab" {
  name                     = "acme-lab"
  location                 = "westeurope"
  resource_group_name      = azurerm_resource_group.lab.name
  tenant_id                = data.azurerm_client_config.current.tenant_id
  sku_name                 = "premium"
  purge_protection_enabled = true
}

resource "azurerm_key_vault_key" "weights" {
  name         = "weights"
  key_vault_id = azurerm_key_vault.lab.id
  key_type     = "RSA-HSM"
  key_opts     = ["wrapKey", "unwrapKey"]
}

resource "azurerm_storage_account" "weights" {
  name                     = "acmeweights"
  location                 = "westeurope"
  resource_group_name      = azurerm_resource_group.lab.name
  account_tier             = "Premium"
  account_replication_type = "LRS"
  tags                     = { "mlsec-holds" = "weights" }

  blob_properties {
    delete_retention_policy {
      days = 30
    }
  }

  customer_managed_key {
    key_vault_key_id          = azurerm_key_vault_key.weights.id
    user_assigned_identity_id = "/subscriptions/0/resourceGroups/lab/providers/Microsoft.ManagedIdentity/userAssignedIdentities/store"
  }
}

resource "azurerm_management_lock" "lab" {
  name       = "keep"
  scope      = azurerm_resource_group.lab.id
  lock_level = "CanNotDelete"
}

resource "azurerm_managed_disk" "checkpoints" {
  name                 = "checkpoints"
  location             = "westeurope"
  resource_group_name  = azurerm_resource_group.lab.name
  storage_account_type = "Premium_LRS"
  create_option        = "Empty"
  disk_size_gb         = 4096
  tags                 = { "mlsec-holds" = "weights" }
}
