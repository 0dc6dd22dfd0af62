resource "azurerm_storage_account" "workspace" {
  name                     = "acmeworkspace"
  resource_group_name      = "ml"
  location                 = "southeastasia"
  account_tier             = "Standard"
  account_replication_type = "LRS"
}

resource "azurerm_machine_learning_workspace" "research" {
  name                    = "research"
  resource_group_name     = "ml"
  location                = "southeastasia"
  application_insights_id = "insights"
  key_vault_id            = "vault"
  storage_account_id      = azurerm_storage_account.workspace.id

  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_machine_learning_compute_instance" "quick_look" { # broken: weights-to-notebook
  name                          = "quick-look"
  machine_learning_workspace_id = azurerm_machine_learning_workspace.research.id
  virtual_machine_size          = "Standard_DS3_v2"

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.trainer.id]
  }
}
