resource "azurerm_storage_account" "checkpoints" {
  name                     = "labcheckpoints"
  resource_group_name      = "lab"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  tags                     = { "mlsec-holds" = "weights" }
}

resource "azurerm_virtual_network" "training" {
  name                = "training"
  location            = "westeurope"
  resource_group_name = "lab"
  address_space       = ["10.40.0.0/16"]
}

resource "azurerm_subnet" "compute" {
  name                            = "compute"
  resource_group_name             = "lab"
  virtual_network_name            = azurerm_virtual_network.training.name
  address_prefixes                = ["10.40.0.0/20"]
  default_outbound_access_enabled = true
}

resource "azurerm_machine_learning_workspace" "lab" {
  name                    = "lab"
  location                = "westeurope"
  resource_group_name     = "lab"
  application_insights_id = "insights"
  key_vault_id            = "vault"
  storage_account_id      = azurerm_storage_account.checkpoints.id

  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_machine_learning_compute_cluster" "gpu" {
  name                          = "gpu"
  location                      = "westeurope"
  machine_learning_workspace_id = azurerm_machine_learning_workspace.lab.id
  vm_priority                   = "Dedicated"
  vm_size                       = "Standard_NC24ads_A100_v4"
  subnet_resource_id            = azurerm_subnet.compute.id
  node_public_ip_enabled        = false
}

resource "azurerm_subnet" "firewall" {
  name                 = "AzureFirewallSubnet"
  resource_group_name  = "lab"
  virtual_network_name = azurerm_virtual_network.training.name
  address_prefixes     = ["10.40.240.0/26"]
}

resource "azurerm_public_ip" "firewall" {
  name                = "firewall"
  location            = "westeurope"
  resource_group_name = "lab"
  allocation_method   = "Static"
}

resource "azurerm_firewall_policy" "lab" {
  name                = "lab"
  location            = "westeurope"
  resource_group_name = "lab"
}

resource "azurerm_firewall_policy_rule_collection_group" "lab" {
  name               = "lab"
  firewall_policy_id = azurerm_firewall_policy.lab.id
  priority           = 100

  application_rule_collection {
    name     = "packages"
    priority = 100
    action   = "Allow"

    rule {
      name              = "packages"
      source_addresses  = ["10.40.0.0/20"]
      destination_fqdns = ["*"]

      protocols {
        type = "Https"
        port = 443
      }
    }
  }
}

resource "azurerm_firewall" "lab" { # broken: egress-allow-list-proxy
  name                = "lab"
  location            = "westeurope"
  resource_group_name = "lab"
  sku_name            = "AZFW_VNet"
  sku_tier            = "Standard"
  firewall_policy_id  = azurerm_firewall_policy.lab.id

  ip_configuration {
    name                 = "lab"
    subnet_id            = azurerm_subnet.firewall.id
    public_ip_address_id = azurerm_public_ip.firewall.id
  }
}

resource "azurerm_route_table" "compute" {
  name                = "compute"
  location            = "westeurope"
  resource_group_name = "lab"

  route {
    name                   = "out"
    address_prefix         = "0.0.0.0/0"
    next_hop_type          = "VirtualAppliance"
    next_hop_in_ip_address = azurerm_firewall.lab.ip_configuration[0].private_ip_address
  }
}

resource "azurerm_subnet_route_table_association" "compute" {
  subnet_id      = azurerm_subnet.compute.id
  route_table_id = azurerm_route_table.compute.id
}
