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

data "azurerm_subscription" "current" {}

# Reads all there is, and writes nothing.
resource "azurerm_role_assignment" "inventory" {
  scope                = data.azurerm_subscription.current.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azurerm_user_assigned_identity.trainer.principal_id
}

# Writes to every account, and reads no weights: they lie in another subscription.
resource "azurerm_user_assigned_identity" "logs" {
  name                = "logs"
  resource_group_name = azurerm_resource_group.lab.name
  location            = "westeurope"
}

resource "azurerm_role_assignment" "logs" {
  scope                = azurerm_resource_group.lab.id
  role_definition_name = "Monitoring Metrics Publisher"
  principal_id         = azurerm_user_assigned_identity.logs.principal_id
}
