resource "azurerm_subnet" "firewall" {
  name                 = "AzureFirewallSubnet"
  resource_group_name  = "ml"
  virtual_network_name = azurerm_virtual_network.training.name
  address_prefixes     = ["10.40.16.0/26"]
}

resource "azurerm_public_ip" "edge" {
  name                = "edge"
  resource_group_name = "ml"
  location            = "southeastasia"
  allocation_method   = "Static"
  sku                 = "Standard"
}

resource "azurerm_firewall" "edge" {
  name                = "edge"
  resource_group_name = "ml"
  location            = "southeastasia"
  sku_name            = "AZFW_VNet"
  sku_tier            = "Standard"
  firewall_policy_id  = azurerm_firewall_policy.edge.id

  ip_configuration {
    name                 = "edge"
    subnet_id            = azurerm_subnet.firewall.id
    public_ip_address_id = azurerm_public_ip.edge.id
  }
}

resource "azurerm_firewall_policy" "edge" {
  name                = "edge"
  resource_group_name = "ml"
  location            = "southeastasia"
}

resource "azurerm_firewall_policy_rule_collection_group" "edge" {
  name               = "edge"
  firewall_policy_id = azurerm_firewall_policy.edge.id
  priority           = 100

  network_rule_collection {
    name     = "cluster"
    priority = 100
    action   = "Allow"

    rule {
      name                  = "updates"
      protocols             = ["TCP"]
      source_addresses      = ["10.40.0.0/20"]
      destination_addresses = ["*"] # broken: weights-to-internet
      destination_ports     = ["443"]
    }
  }
}
