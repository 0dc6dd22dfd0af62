resource "azurerm_machine_learning_workspace" "research" { # broken: weights-registry-private
  name                    = "research"
  resource_group_name     = "ml"
  location                = "westus3"
  application_insights_id = "insights"
  key_vault_id            = "vault"
  storage_account_id      = azurerm_storage_account.research.id

  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_storage_account" "research" {
  name                     = "acmeresearch"
  resource_group_name      = "ml"
  location                 = "westus3"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
}
