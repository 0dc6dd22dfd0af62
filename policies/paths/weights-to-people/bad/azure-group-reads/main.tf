resource "azurerm_storage_account" "weights" {
  name                     = "acmeweights"
  resource_group_name      = "ml"
  location                 = "southeastasia"
  account_tier             = "Standard"
  account_replication_type = "LRS"
}

resource "azuread_group" "researchers" {
  display_name     = "researchers"
  security_enabled = true
}

resource "azurerm_role_assignment" "researchers" {
  scope                = azurerm_storage_account.weights.id
  role_definition_name = "Storage Blob Data Reader" # broken: weights-to-people
  principal_id         = azuread_group.researchers.object_id
}
