resource "azurerm_kubernetes_cluster" "lab" {
  name                = "lab"
  location            = "westeurope"
  resource_group_name = "ml"
  dns_prefix          = "lab"

  default_node_pool {
    name       = "gpu"
    vm_size    = "Standard_ND96isr_H100_v5"
    node_count = 2
  }

  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_storage_account" "weights" {
  name                     = "acmeweights"
  resource_group_name      = "ml"
  location                 = "westeurope"
  account_tier             = "Standard"
  account_replication_type = "LRS"
  tags                     = { "mlsec/holds" = "weights" }
}

resource "azurerm_role_assignment" "nodes" {
  scope                = azurerm_storage_account.weights.id
  role_definition_name = "Storage Blob Data Reader" # broken: access-no-default-identity
  principal_id         = azurerm_kubernetes_cluster.lab.kubelet_identity[0].object_id
}
