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
  role_definition_name = "Storage Blob Data Owner" # broken: access-no-wildcard
  principal_id         = azurerm_user_assigned_identity.trainer.principal_id
}

resource "azurerm_role_definition" "everything" {
  name  = "everything"
  scope = azurerm_resource_group.lab.id

  permissions {
    data_actions = ["*"]
  }
}

resource "azurerm_user_assigned_identity" "evaluator" {
  name                = "evaluator"
  resource_group_name = azurerm_resource_group.lab.name
  location            = "westeurope"
}

resource "azurerm_role_assignment" "evaluator" {
  scope              = azurerm_resource_group.lab.id
  role_definition_id = azurerm_role_definition.everything.role_definition_resource_id # broken: access-no-wildcard
  principal_id       = azurerm_user_assigned_identity.evaluator.principal_id
}

# The account's keys open it to whoever may list them.
resource "azurerm_storage_account" "exports" {
  name                     = "labexports"
  resource_group_name      = azurerm_resource_group.lab.name
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  tags                     = { "mlsec-holds" = "weights" }
}

resource "azuread_group" "engineers" {
  display_name     = "engineers"
  security_enabled = true
}

resource "azurerm_role_assignment" "engineers" {
  scope                = azurerm_storage_account.exports.id
  role_definition_name = "Contributor" # broken: access-no-wildcard
  principal_id         = azuread_group.engineers.object_id
}
