resource "azurerm_storage_account" "weights" {
  name                     = "labweights"
  resource_group_name      = "ml"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "LRS"

  tags = {
    mlsec-holds = "weights"
  }
}

resource "azurerm_network_security_perimeter_association" "weights" {
  name                                  = "weights"
  access_mode                           = "Enforced"
  network_security_perimeter_profile_id = "profile"
  resource_id                           = azurerm_storage_account.weights.id
}
