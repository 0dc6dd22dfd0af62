resource "azurerm_resource_group" "ml" {
  name     = "ml"
  location = "southeastasia"
}

resource "azurerm_storage_account" "weights" {
  name                     = "acmeweights"
  resource_group_name      = azurerm_resource_group.ml.name
  location                 = "southeastasia"
  account_tier             = "Standard"
  account_replication_type = "LRS"
}
