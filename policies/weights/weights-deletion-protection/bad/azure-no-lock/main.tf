data "azurerm_client_config" "current" {}

resource "azurerm_key_vault" "lab" { # broken: weights-deletion-protection
  name                       = "acme-lab"
  location                   = "westeurope"
  resource_group_name        = "lab"
  tenant_id                  = data.azurerm_client_config.current.tenant_id
  sku_name                   = "premium"
  soft_delete_retention_days = 7
}

resource "azurerm_key_vault_key" "weights" {
  name         = "weights"
  key_vault_id = azurerm_key_vault.lab.id
  key_type     = "RSA-HSM"
  key_opts     = ["wrapKey", "unwrapKey"]
}

resource "azurerm_storage_account" "weights" { # broken: weights-deletion-protection
  name                     = "acmeweights"
  location                 = "westeurope"
  resource_group_name      = "lab"
  account_tier             = "Premium"
  account_replication_type = "LRS"
  tags                     = { "mlsec-holds" = "weights" }

  customer_managed_key {
    key_vault_key_id          = azurerm_key_vault_key.weights.id
    user_assigned_identity_id = "/subscriptions/0/resourceGroups/lab/providers/Microsoft.ManagedIdentity/userAssignedIdentities/store"
  }
}

resource "azurerm_managed_disk" "checkpoints" { # broken: weights-deletion-protection
  name                 = "checkpoints"
  location             = "westeurope"
  resource_group_name  = "lab"
  storage_account_type = "Premium_LRS"
  create_option        = "Empty"
  disk_size_gb         = 4096
  tags                 = { "mlsec-holds" = "weights" }
}
