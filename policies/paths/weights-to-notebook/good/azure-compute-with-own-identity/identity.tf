resource "azurerm_user_assigned_identity" "trainer" {
  name                = "trainer"
  resource_group_name = "ml"
  location            = "southeastasia"
}

resource "azurerm_role_assignment" "trainer" {
  scope                = azurerm_storage_account.weights.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.trainer.principal_id
}

resource "azurerm_user_assigned_identity" "notebooks" {
  name                = "notebooks"
  resource_group_name = "ml"
  location            = "southeastasia"
}

resource "azurerm_storage_account" "datasets" {
  name                     = "acmedatasets"
  resource_group_name      = "ml"
  location                 = "southeastasia"
  account_tier             = "Standard"
  account_replication_type = "LRS"
}

resource "azurerm_role_assignment" "notebooks" {
  scope                = azurerm_storage_account.datasets.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azurerm_user_assigned_identity.notebooks.principal_id
}
