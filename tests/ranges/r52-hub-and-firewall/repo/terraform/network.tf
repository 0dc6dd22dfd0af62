resource "azurerm_virtual_network" "spoke" {
  name                = "vnet-spoke"
  resource_group_name = azurerm_resource_group.core.name
  location            = var.location
  address_space       = ["10.81.0.0/16"]
}

resource "azurerm_subnet" "nodes" {
  name                            = "snet-nodes"
  resource_group_name             = azurerm_resource_group.core.name
  virtual_network_name            = azurerm_virtual_network.spoke.name
  address_prefixes                = ["10.81.0.0/20"]
  default_outbound_access_enabled = false
}

resource "azurerm_subnet" "endpoints" {
  name                 = "snet-endpoints"
  resource_group_name  = azurerm_resource_group.core.name
  virtual_network_name = azurerm_virtual_network.spoke.name
  address_prefixes     = ["10.81.16.0/24"]
}

resource "azurerm_virtual_network" "hub" {
  name                = "vnet-hub"
  resource_group_name = azurerm_resource_group.core.name
  location            = var.location
  address_space       = ["10.80.0.0/22"]
}

resource "azurerm_subnet" "firewall" {
  name                 = "AzureFirewallSubnet"
  resource_group_name  = azurerm_resource_group.core.name
  virtual_network_name = azurerm_virtual_network.hub.name
  address_prefixes     = ["10.80.0.0/26"]
}

resource "azurerm_public_ip" "firewall" {
  name                = "pip-fw"
  resource_group_name = azurerm_resource_group.core.name
  location            = var.location
  allocation_method   = "Static"
  sku                 = "Standard"
}

resource "azurerm_firewall_policy" "this" {
  name                = "fwp"
  resource_group_name = azurerm_resource_group.core.name
  location            = var.location
}

resource "azurerm_firewall_policy_rule_collection_group" "out" {
  name               = "out"
  firewall_policy_id = azurerm_firewall_policy.this.id
  priority           = 200

  application_rule_collection {
    name     = "platform"
    priority = 200
    action   = "Allow"
    rule {
      name              = "registry"
      source_addresses  = ["10.81.0.0/20"]
      destination_fqdns = ["mcr.microsoft.com", "acrmerganser.azurecr.io"]
      protocols {
        type = "Https"
        port = 443
      }
    }
  }

  network_rule_collection {
    name     = "time"
    priority = 100
    action   = "Allow"
    rule {
      name                  = "ntp"
      protocols             = ["UDP"]
      source_addresses      = ["10.81.0.0/20"]
      destination_addresses = ["*"]
      destination_ports     = ["123"]
    }
  }
}

resource "azurerm_firewall" "this" {
  name                = "fw"
  resource_group_name = azurerm_resource_group.core.name
  location            = var.location
  sku_name            = "AZFW_VNet"
  sku_tier            = "Standard"
  firewall_policy_id  = azurerm_firewall_policy.this.id

  ip_configuration {
    name                 = "main"
    subnet_id            = azurerm_subnet.firewall.id
    public_ip_address_id = azurerm_public_ip.firewall.id
  }
}

resource "azurerm_route_table" "nodes" {
  name                = "rt-nodes"
  resource_group_name = azurerm_resource_group.core.name
  location            = var.location

  route {
    name                   = "default"
    address_prefix         = "0.0.0.0/0"
    next_hop_type          = "VirtualAppliance"
    next_hop_in_ip_address = azurerm_firewall.this.ip_configuration[0].private_ip_address
  }
}

resource "azurerm_subnet_route_table_association" "nodes" {
  subnet_id      = azurerm_subnet.nodes.id
  route_table_id = azurerm_route_table.nodes.id
}
