resource "azurerm_storage_account" "weights" {
  name                     = "acmeweights"
  resource_group_name      = "ml"
  location                 = "southeastasia"
  account_tier             = "Standard"
  account_replication_type = "LRS"
}

resource "azurerm_storage_container" "runs" {
  name                  = "runs"
  storage_account_name  = azurerm_storage_account.weights.name
  container_access_type = "blob" # broken: weights-open-to-everyone
}
