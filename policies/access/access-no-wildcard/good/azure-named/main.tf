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

resource "azurerm_role_assignment" "trainer" {
  scope                = azurerm_storage_account.checkpoints.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.trainer.principal_id
}

# Whoever owns the group does not read blobs by that, and account keys are switched off.
resource "azuread_group" "engineers" {
  display_name     = "engineers"
  security_enabled = true
}

resource "azurerm_role_assignment" "engineers" {
  scope                = azurerm_resource_group.lab.id
  role_definition_name = "Owner"
  principal_id         = azuread_group.engineers.object_id
}

resource "azurerm_role_definition" "reader" {
  name  = "checkpoint-reader"
  scope = azurerm_resource_group.lab.id

  permissions {
    data_actions = ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"]
  }
}

resource "azurerm_role_assignment" "reader" {
  scope              = azurerm_storage_account.checkpoints.id
  role_definition_id = azurerm_role_definition.reader.role_definition_resource_id
  principal_id       = azuread_group.engineers.object_id
}
