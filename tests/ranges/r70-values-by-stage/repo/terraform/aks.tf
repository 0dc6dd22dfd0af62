resource "azurerm_kubernetes_cluster" "main" {
  name                              = "aks-fell"
  location                          = azurerm_resource_group.main.location
  resource_group_name               = azurerm_resource_group.main.name
  dns_prefix                        = "fell"
  private_cluster_enabled           = true
  local_account_disabled            = true
  oidc_issuer_enabled               = true
  workload_identity_enabled         = true
  role_based_access_control_enabled = true

  default_node_pool {
    name           = "gpu"
    vm_size        = "Standard_ND96isr_H100_v5"
    node_count     = 3
    vnet_subnet_id = azurerm_subnet.nodes.id
  }

  identity {
    type = "SystemAssigned"
  }

  network_profile {
    network_plugin = "azure"
    network_policy = "calico"
    outbound_type  = "none"
  }
}

resource "helm_release" "serve" {
  name      = "serve"
  namespace = "serve"
  chart     = "${path.module}/../charts/serve"
  values    = [file("${path.module}/../charts/serve/values-${var.stage}.yaml")]
}
