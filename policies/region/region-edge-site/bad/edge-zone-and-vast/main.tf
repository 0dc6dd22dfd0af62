resource "azurerm_storage_account" "weights" {
  name                     = "acmeweights"
  resource_group_name      = "ml"
  location                 = "westus"
  edge_zone                = "losangeles" # broken: region-edge-site
  account_tier             = "Premium"
  account_replication_type = "LRS"
  tags                     = { "mlsec-holds" = "weights" }
}
