resource "azurerm_databricks_workspace" "models" {
  name                         = "models"
  resource_group_name          = "lab"
  location                     = "westeurope"
  sku                          = "premium"
  customer_managed_key_enabled = true
  tags = { "mlsec-holds" = "weights" }
}

resource "azurerm_key_vault_key" "weights" {
  name         = "weights"
  key_vault_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/lab/providers/Microsoft.KeyVault/vaults/lab"
  key_type     = "RSA"
  key_size     = 3072
  key_opts     = ["unwrapKey", "wrapKey"]
}

resource "azurerm_databricks_workspace_root_dbfs_customer_managed_key" "models" {
  workspace_id     = azurerm_databricks_workspace.models.id
  key_vault_key_id = azurerm_key_vault_key.weights.id
}
