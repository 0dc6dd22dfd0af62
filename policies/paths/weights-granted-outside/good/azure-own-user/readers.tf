data "azuread_user" "kim" {
  user_principal_name = "kim@acme.example"
}

resource "azurerm_role_assignment" "kim" {
  scope                = azurerm_storage_account.weights.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = data.azuread_user.kim.object_id
}
