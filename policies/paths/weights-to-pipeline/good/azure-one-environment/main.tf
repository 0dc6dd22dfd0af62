resource "azurerm_storage_account" "weights" {
  name                     = "acmeweights"
  resource_group_name      = "ml"
  location                 = "southeastasia"
  account_tier             = "Standard"
  account_replication_type = "LRS"
}

resource "azurerm_user_assigned_identity" "evaluation" {
  name                = "evaluation"
  resource_group_name = "ml"
  location            = "southeastasia"
}

resource "azurerm_federated_identity_credential" "github" {
  name                = "github"
  resource_group_name = "ml"
  parent_id           = azurerm_user_assigned_identity.evaluation.id
  audience            = ["api://AzureADTokenExchange"]
  issuer              = "https://token.actions.githubusercontent.com"
  subject             = "repo:acme/evaluation:environment:production"
}

resource "azurerm_role_assignment" "evaluation" {
  scope                = azurerm_storage_account.weights.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azurerm_user_assigned_identity.evaluation.principal_id
}
