resource "azurerm_kubernetes_cluster" "lab" {
  name                = "lab"
  location            = "westeurope"
  resource_group_name = "ml"
  dns_prefix          = "lab"

  local_account_disabled = true

  azure_active_directory_role_based_access_control {
    azure_rbac_enabled = true
  }

  default_node_pool {
    name       = "gpu"
    vm_size    = "Standard_ND96isr_H100_v5"
    node_count = 2
  }

  identity {
    type = "SystemAssigned"
  }
}

resource "azuread_group" "research" {
  display_name     = "research"
  security_enabled = true
}

resource "azurerm_role_assignment" "research" {
  scope                = "${azurerm_kubernetes_cluster.lab.id}/namespaces/web"
  role_definition_name = "Azure Kubernetes Service RBAC Writer"
  principal_id         = azuread_group.research.object_id
}
