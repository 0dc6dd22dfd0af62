locals {
  accounts = {
    models = "stfenmodels"
    corpus = "stfencorpus"
  }
}

resource "azurerm_storage_account" "this" {
  for_each                        = local.accounts
  name                            = each.value
  resource_group_name             = azurerm_resource_group.ml.name
  location                        = azurerm_resource_group.ml.location
  account_tier                    = "Standard"
  account_replication_type        = "ZRS"
  allow_nested_items_to_be_public = false
  shared_access_key_enabled       = false
  public_network_access_enabled   = false
}

resource "azurerm_storage_container" "this" {
  for_each              = local.accounts
  name                  = each.key
  storage_account_id    = azurerm_storage_account.this[each.key].id
  container_access_type = "private"
}

resource "azurerm_user_assigned_identity" "compute" {
  for_each            = toset(["trainer", "prep"])
  name                = "id-${each.key}"
  resource_group_name = azurerm_resource_group.ml.name
  location            = azurerm_resource_group.ml.location
}

resource "azurerm_role_assignment" "trainer" {
  scope                = azurerm_storage_account.this["models"].id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.compute["trainer"].principal_id
}

resource "azurerm_role_assignment" "corpus" {
  for_each             = azurerm_user_assigned_identity.compute
  scope                = azurerm_storage_account.this["corpus"].id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = each.value.principal_id
}
