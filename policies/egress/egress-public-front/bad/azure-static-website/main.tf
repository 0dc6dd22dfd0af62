resource "azurerm_storage_account" "weights" {
  name                     = "acmeweightsprod"
  resource_group_name      = "rg-training"
  location                 = "westus3"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  tags                     = { mlsec-holds = "weights" }
}

resource "azurerm_storage_account_static_website" "weights" {
  storage_account_id = azurerm_storage_account.weights.id # broken: egress-public-front
  index_document     = "index.html"
}
