resource "azurerm_storage_account" "workspace" {
  name                            = "stploverws"
  location                        = azurerm_resource_group.aml.location
  resource_group_name             = azurerm_resource_group.aml.name
  account_tier                    = "Standard"
  account_replication_type        = "LRS"
  allow_nested_items_to_be_public = false
  public_network_access_enabled   = false
  shared_access_key_enabled       = false

  network_rules {
    default_action = "Deny"
    bypass         = ["AzureServices"]
  }
}

resource "azurerm_storage_account" "audit" {
  name                            = "stploveraudit"
  location                        = azurerm_resource_group.aml.location
  resource_group_name             = azurerm_resource_group.aml.name
  account_tier                    = "Standard"
  account_replication_type        = "GRS"
  allow_nested_items_to_be_public = false
}
