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

resource "azurerm_role_assignment" "ada" {
  scope                = azurerm_storage_account.frontier.id
  role_definition_name = "Storage Blob Data Reader" # broken: access-human-read
  principal_id         = azuread_user.ada.object_id
}

resource "azurerm_role_assignment" "research" {
  scope                = azurerm_storage_account.frontier.id
  role_definition_name = "Storage Blob Data Reader" # broken: access-human-read
  principal_id         = "11111111-2222-3333-4444-555555555555"
  principal_type       = "Group"
}
