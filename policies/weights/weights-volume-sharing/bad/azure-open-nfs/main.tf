resource "azurerm_storage_account" "weights" { # broken: weights-volume-sharing
  name                     = "acmeweights"
  location                 = "westeurope"
  resource_group_name      = "lab"
  account_tier             = "Premium"
  account_kind             = "FileStorage"
  account_replication_type = "LRS"
  tags                     = { "mlsec-holds" = "weights" }
}

resource "azurerm_storage_share" "weights" {
  name               = "weights"
  storage_account_id = azurerm_storage_account.weights.id
  enabled_protocol   = "NFS"
  quota              = 4096
}

resource "azurerm_netapp_volume" "weights" {
  name                = "weights"
  location            = "westeurope"
  resource_group_name = "lab"
  account_name        = "lab"
  pool_name           = "lab"
  volume_path         = "weights"
  service_level       = "Ultra"
  subnet_id           = "/subscriptions/0/resourceGroups/lab/providers/Microsoft.Network/virtualNetworks/lab/subnets/netapp"
  storage_quota_in_gb = 4096

  export_policy_rule {
    rule_index      = 1
    allowed_clients = ["0.0.0.0/0"] # broken: weights-volume-sharing
    protocol        = ["NFSv4.1"]
  }
}
