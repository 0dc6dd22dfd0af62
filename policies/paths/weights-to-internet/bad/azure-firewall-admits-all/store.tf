resource "azurerm_storage_account" "weights" {
  name                      = "acmeweights"
  resource_group_name       = "ml"
  location                  = "southeastasia"
  account_tier              = "Standard"
  account_replication_type  = "LRS"
  shared_access_key_enabled = false
}
