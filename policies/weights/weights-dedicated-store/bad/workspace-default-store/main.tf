resource "azurerm_storage_account" "weights" {
  name                     = "acmeweights"
  resource_group_name      = "ml"
  location                 = "westus3"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  tags                     = { "mlsec-holds" = "weights" }
}

resource "azurerm_machine_learning_workspace" "research" {
  name                    = "research"
  resource_group_name     = "ml"
  location                = "westus3"
  application_insights_id = "insights"
  key_vault_id            = "vault"
  storage_account_id      = azurerm_storage_account.weights.id # broken: weights-dedicated-store

  identity {
    type = "SystemAssigned"
  }
}
