resource "azuread_invitation" "reviewer" {
  user_email_address = "kim@partner.example"
  redirect_url       = "https://portal.azure.com"
}

resource "azurerm_role_assignment" "reviewer" {
  scope                = azurerm_storage_account.weights.id
  role_definition_name = "Storage Blob Data Reader" # broken: weights-granted-outside
  principal_id         = azuread_invitation.reviewer.user_id
}
