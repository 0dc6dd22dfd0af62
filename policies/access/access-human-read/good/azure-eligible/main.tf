resource "azurerm_storage_account" "frontier" {
  name                      = "ospreyfrontier"
  resource_group_name       = "train"
  location                  = "norwayeast"
  account_tier              = "Standard"
  account_replication_type  = "LRS"
  shared_access_key_enabled = false
  tags                      = { "mlsec/holds" = "weights" }
}

resource "azuread_user" "ada" {
  user_principal_name = "ada@osprey.example"
  display_name        = "Ada"
}

resource "azurerm_pim_eligible_role_assignment" "ada" {
  scope              = azurerm_storage_account.frontier.id
  role_definition_id = "/providers/Microsoft.Authorization/roleDefinitions/2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
  principal_id       = azuread_user.ada.object_id
}

resource "azurerm_user_assigned_identity" "trainer" {
  name                = "trainer"
  resource_group_name = "train"
  location            = "norwayeast"
}

resource "azurerm_role_assignment" "trainer" {
  scope                = azurerm_storage_account.frontier.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azurerm_user_assigned_identity.trainer.principal_id
}
