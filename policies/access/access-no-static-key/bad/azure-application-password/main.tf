resource "azurerm_storage_account" "weights" {
  name                     = "labweights"
  resource_group_name      = "ml"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "LRS"

  tags = {
    mlsec-holds = "weights"
  }
}

resource "azuread_application" "trainer" {
  display_name = "trainer"
}

resource "azuread_service_principal" "trainer" {
  client_id = azuread_application.trainer.client_id
}

resource "azurerm_role_assignment" "trainer" {
  scope                = azurerm_storage_account.weights.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azuread_service_principal.trainer.object_id
}

resource "azuread_application_password" "trainer" {
  application_id = azuread_application.trainer.id # broken: access-no-static-key
}
