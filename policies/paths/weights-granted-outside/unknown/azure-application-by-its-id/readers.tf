resource "azuread_service_principal" "scanner" {
  client_id = "3f0a54c1-9d6a-4a0e-9a57-1c5f0f4c2b11"
}

resource "azurerm_role_assignment" "scanner" {
  scope                = azurerm_storage_account.weights.id
  role_definition_name = "Storage Blob Data Reader" # unknown: weights-granted-outside
  principal_id         = azuread_service_principal.scanner.object_id
}
