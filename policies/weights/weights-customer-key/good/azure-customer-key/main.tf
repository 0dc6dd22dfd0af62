resource "azurerm_key_vault_key" "weights" {
  name         = "weights"
  key_vault_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-training/providers/Microsoft.KeyVault/vaults/acme-weights"
  key_type     = "RSA"
  key_size     = 3072
  key_opts     = ["wrapKey", "unwrapKey"]
}

resource "azurerm_storage_account" "weights" {
  name                     = "acmeweightsprod"
  resource_group_name      = "rg-training"
  location                 = "westus3"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  tags                     = { mlsec-holds = "weights" }
}

resource "azurerm_storage_account_customer_managed_key" "weights" {
  storage_account_id = azurerm_storage_account.weights.id
  key_vault_key_id   = azurerm_key_vault_key.weights.id
}
