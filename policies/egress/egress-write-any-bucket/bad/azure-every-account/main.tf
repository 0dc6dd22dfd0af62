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

data "azurerm_subscription" "current" {}

data "azurerm_management_group" "research" {
  name = "research"
}

resource "azurerm_role_assignment" "trainer" {
  scope                = data.azurerm_subscription.current.id # broken: egress-write-any-bucket
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.trainer.principal_id
}

resource "azurerm_user_assigned_identity" "evaluator" {
  name                = "evaluator"
  resource_group_name = azurerm_resource_group.lab.name
  location            = "westeurope"
}

resource "azurerm_role_assignment" "reads" {
  scope                = azurerm_storage_account.checkpoints.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azurerm_user_assigned_identity.evaluator.principal_id
}

resource "azurerm_role_assignment" "writes" {
  scope                = data.azurerm_management_group.research.id # broken: egress-write-any-bucket
  role_definition_name = "Storage Blob Data Owner"
  principal_id         = azurerm_user_assigned_identity.evaluator.principal_id
}
