resource "azurerm_storage_account" "weights" {
  name                     = "acmeweights"
  location                 = "westeurope"
  resource_group_name      = "lab"
  account_tier             = "Premium"
  account_kind             = "FileStorage"
  account_replication_type = "LRS"
  tags                     = { "mlsec-holds" = "weights" }
}

resource "azurerm_storage_account_network_rules" "weights" {
  storage_account_id         = azurerm_storage_account.weights.id
  default_action             = "Deny"
  virtual_network_subnet_ids = ["/subscriptions/0/resourceGroups/lab/providers/Microsoft.Network/virtualNetworks/lab/subnets/trainers"]
}

resource "azurerm_storage_share" "weights" {
  name               = "weights"
  storage_account_id = azurerm_storage_account.weights.id
  enabled_protocol   = "NFS"
  quota              = 4096
}
