resource "azurerm_resource_group" "lab" {
  name     = "lab"
  location = "westeurope"
}

resource "azurerm_storage_account" "checkpoints" {
  name                      = "labcheckpoints"
  resource_group_name       = azurerm_resource_group.lab.name
  location                  = "westeurope"
  account_tier              = "Standard"
  account_replication_type  = "ZRS"
  shared_access_key_enabled = false
  tags                      = { "mlsec-holds" = "weights" }
}

resource "azurerm_user_assigned_identity" "trainer" {
  name                = "trainer"
  resource_group_name = azurerm_resource_group.lab.name
  location            = "westeurope"
}

resource "azurerm_role_assignment" "trainer" {
  scope                = azurerm_storage_account.checkpoints.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.trainer.principal_id
}

resource "azurerm_federated_identity_credential" "forge" {
  name                = "forge"
  resource_group_name = azurerm_resource_group.lab.name
  parent_id           = azurerm_user_assigned_identity.trainer.id
  audience            = ["api://AzureADTokenExchange"]
  issuer              = "https://token.actions.githubusercontent.com"
  subject             = "environment:production" # broken: access-ci-oidc-subject
}
