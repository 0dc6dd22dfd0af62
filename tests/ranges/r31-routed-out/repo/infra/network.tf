resource "azurerm_virtual_network" "ml" {
  name                = "vellum"
  resource_group_name = azurerm_resource_group.ml.name
  location            = azurerm_resource_group.ml.location
  address_space       = ["10.40.0.0/16"]
}

resource "azurerm_subnet" "nodes" {
  name                            = "nodes"
  resource_group_name             = azurerm_resource_group.ml.name
  virtual_network_name            = azurerm_virtual_network.ml.name
  address_prefixes                = ["10.40.0.0/20"]
  default_outbound_access_enabled = false
}

resource "azurerm_subnet" "inside" {
  name                            = "inside"
  resource_group_name             = azurerm_resource_group.ml.name
  virtual_network_name            = azurerm_virtual_network.ml.name
  address_prefixes                = ["10.40.32.0/24"]
  default_outbound_access_enabled = false
}

resource "azurerm_route_table" "nodes" {
  name                = "nodes"
  resource_group_name = azurerm_resource_group.ml.name
  location            = azurerm_resource_group.ml.location

  route {
    name           = "out"
    address_prefix = "0.0.0.0/0"
    next_hop_type  = "Internet"
  }
}

resource "azurerm_subnet_route_table_association" "nodes" {
  subnet_id      = azurerm_subnet.nodes.id
  route_table_id = azurerm_route_table.nodes.id
}

resource "azurerm_nat_gateway" "nodes" {
  name                = "nodes"
  resource_group_name = azurerm_resource_group.ml.name
  location            = azurerm_resource_group.ml.location
}

resource "azurerm_public_ip" "nodes" {
  name                = "nodes"
  resource_group_name = azurerm_resource_group.ml.name
  location            = azurerm_resource_group.ml.location
  allocation_method   = "Static"
}

resource "azurerm_nat_gateway_public_ip_association" "nodes" {
  nat_gateway_id       = azurerm_nat_gateway.nodes.id
  public_ip_address_id = azurerm_public_ip.nodes.id
}

resource "azurerm_subnet_nat_gateway_association" "nodes" {
  subnet_id      = azurerm_subnet.nodes.id
  nat_gateway_id = azurerm_nat_gateway.nodes.id
}
