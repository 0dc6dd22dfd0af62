resource "azurerm_storage_account" "frontier" {
  name                      = "ospreyfrontier"
  resource_group_name       = "train"
  location                  = "norwayeast"
  account_tier              = "Standard"
  account_replication_type  = "LRS"
  shared_access_key_enabled = false
  tags                      = { "mlsec/holds" = "weights" }
}

resource "azurerm_role_assignment" "read" {
  for_each             = toset(["11111111-2222-3333-4444-555555555555", "21111111-2222-3333-4444-555555555555", "31111111-2222-3333-4444-555555555555", "41111111-2222-3333-4444-555555555555"])
  scope                = azurerm_storage_account.frontier.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = each.value
  principal_type       = "ServicePrincipal"
}

