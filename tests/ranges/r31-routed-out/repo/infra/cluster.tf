resource "azurerm_kubernetes_cluster" "ml" {
  name                      = "vellum"
  resource_group_name       = azurerm_resource_group.ml.name
  location                  = azurerm_resource_group.ml.location
  dns_prefix                = "vellum"
  private_cluster_enabled   = true
  oidc_issuer_enabled       = true
  workload_identity_enabled = true

  default_node_pool {
    name           = "gpu"
    vm_size        = "Standard_ND96isr_H100_v5"
    node_count     = 4
    vnet_subnet_id = azurerm_subnet.nodes.id
  }

  identity {
    type = "SystemAssigned"
  }

  network_profile {
    network_plugin      = "azure"
    network_plugin_mode = "overlay"
    network_policy      = "cilium"
    network_data_plane  = "cilium"
    outbound_type       = "userDefinedRouting"
    pod_cidr            = "10.244.0.0/16"
    service_cidr        = "10.0.0.0/16"
    dns_service_ip      = "10.0.0.10"
  }
}
