data "azurerm_client_config" "current" {}

resource "azurerm_key_vault" "weights" {
  name                       = "acme-weights"
  location                   = "westeurope"
  resource_group_name        = "lab"
  tenant_id                  = data.azurerm_client_config.current.tenant_id
  sku_name                   = "premium"
  rbac_authorization_enabled = true
}

resource "azurerm_key_vault_key" "weights" {
  name         = "weights"
  key_vault_id = azurerm_key_vault.weights.id
  key_type     = "RSA-HSM"
  key_opts     = ["wrapKey", "unwrapKey"]
}

resource "azurerm_role_assignment" "store" {
  scope                = azurerm_key_vault.weights.id
  role_definition_name = "Key Vault Crypto Service Encryption User"
  principal_id         = "11111111-2222-3333-4444-555555555555"
}

resource "azurerm_storage_account" "weights" {
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
