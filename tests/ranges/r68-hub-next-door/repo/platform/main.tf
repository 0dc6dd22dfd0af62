provider "azurerm" {
  features {}
}

data "azurerm_client_config" "me" {}

resource "azurerm_resource_group" "ml" {
  name     = "rg-sedge-ml"
  location = "swedencentral"
}

resource "azurerm_virtual_network" "ml" {
  name                = "vnet-ml"
  location            = azurerm_resource_group.ml.location
  resource_group_name = azurerm_resource_group.ml.name
  address_space       = ["10.60.0.0/16"]
}

resource "azurerm_subnet" "nodes" {
  name                 = "nodes"
  resource_group_name  = azurerm_resource_group.ml.name
  virtual_network_name = azurerm_virtual_network.ml.name
  address_prefixes     = ["10.60.0.0/20"]
}

resource "azurerm_kubernetes_cluster" "ml" {
  name                      = "aks-sedge-ml"
  location                  = azurerm_resource_group.ml.location
  resource_group_name       = azurerm_resource_group.ml.name
  dns_prefix                = "sedge"
  private_cluster_enabled   = true
  local_account_disabled    = true
  oidc_issuer_enabled       = true
  workload_identity_enabled = true

  default_node_pool {
    name           = "system"
    vm_size        = "Standard_D8s_v5"
    node_count     = 2
    vnet_subnet_id = azurerm_subnet.nodes.id
  }

  identity {
    type = "SystemAssigned"
  }

  network_profile {
    network_plugin = "azure"
    network_policy = "cilium"
    network_data_plane = "cilium"
    outbound_type  = "loadBalancer"
  }

  storage_profile {
    blob_driver_enabled = true
  }
}

resource "azurerm_kubernetes_cluster_node_pool" "h100" {
  name                  = "h100"
  kubernetes_cluster_id = azurerm_kubernetes_cluster.ml.id
  vm_size               = "Standard_ND96isr_H100_v5"
  node_count            = 4
  vnet_subnet_id        = azurerm_subnet.nodes.id
}
