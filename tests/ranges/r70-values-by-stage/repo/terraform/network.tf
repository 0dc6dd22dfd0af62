resource "azurerm_virtual_network" "main" {
  name                = "vnet-fell"
  location            = azurerm_resource_group.main.location
  resource_group_name = azurerm_resource_group.main.name
  address_space       = ["10.70.0.0/16"]
}

resource "azurerm_subnet" "nodes" {
  name                            = "nodes"
  resource_group_name             = azurerm_resource_group.main.name
  virtual_network_name            = azurerm_virtual_network.main.name
  address_prefixes                = ["10.70.0.0/20"]
  default_outbound_access_enabled = false
}

resource "azurerm_subnet" "endpoints" {
  name                 = "endpoints"
  resource_group_name  = azurerm_resource_group.main.name
  virtual_network_name = azurerm_virtual_network.main.name
  address_prefixes     = ["10.70.16.0/24"]
}

resource "azurerm_private_endpoint" "weights" {
  name                = "pe-weights"
  location            = azurerm_resource_group.main.location
  resource_group_name = azurerm_resource_group.main.name
  subnet_id           = azurerm_subnet.endpoints.id

  private_service_connection {
    name                           = "weights"
    private_connection_resource_id = azurerm_storage_account.weights.id
    subresource_names              = ["blob"]
    is_manual_connection           = false
  }
}
