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

resource "azurerm_nat_gateway" "updates" {
  name                = "updates"
  resource_group_name = "ml"
  location            = "southeastasia"
}

resource "azurerm_subnet_nat_gateway_association" "gpu" {
  subnet_id      = azurerm_subnet.gpu.id
  nat_gateway_id = azurerm_nat_gateway.updates.id # broken: weights-to-internet
}
