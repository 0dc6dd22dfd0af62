resource "azurerm_virtual_network" "training" {
  name                = "training"
  resource_group_name = "ml"
  location            = "southeastasia"
  address_space       = ["10.40.0.0/16"]
}

resource "azurerm_subnet" "gpu" {
  name                            = "gpu"
  resource_group_name             = "ml"
  virtual_network_name            = azurerm_virtual_network.training.name
  address_prefixes                = ["10.40.0.0/20"]
  default_outbound_access_enabled = false
}
