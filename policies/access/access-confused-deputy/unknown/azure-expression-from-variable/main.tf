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

variable "expression" {
  type = string
}

resource "azuread_application" "release" {
  display_name = "release"
}

resource "azuread_service_principal" "release" {
  client_id = azuread_application.release.client_id
}

resource "azurerm_role_assignment" "release" {
  scope                = azurerm_storage_account.checkpoints.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azuread_service_principal.release.object_id
}

resource "azuread_application_flexible_federated_identity_credential" "release" {
  application_id             = azuread_application.release.id
  display_name               = "forge"
  audience                   = "api://AzureADTokenExchange"
  issuer                     = "https://token.actions.githubusercontent.com"
  claims_matching_expression = var.expression # unknown: access-confused-deputy
}
