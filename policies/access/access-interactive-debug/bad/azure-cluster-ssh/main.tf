resource "azurerm_storage_account" "frontier" {
  name                     = "ospreyfrontier"
  resource_group_name      = "train"
  location                 = "norwayeast"
  account_tier             = "Standard"
  account_replication_type = "LRS"
  tags                     = { "mlsec/holds" = "weights" }
}

resource "azurerm_user_assigned_identity" "train" {
  name                = "train"
  resource_group_name = "train"
  location            = "norwayeast"
}

resource "azurerm_role_assignment" "read" {
  scope                = azurerm_storage_account.frontier.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azurerm_user_assigned_identity.train.principal_id
}

resource "azurerm_machine_learning_compute_cluster" "gpu" {
  name                          = "gpu"
  location                      = "norwayeast"
  vm_priority                   = "Dedicated"
  vm_size                       = "Standard_ND96isr_H100_v5"
  machine_learning_workspace_id = var.workspace_id
  ssh_public_access_enabled     = true # broken: access-interactive-debug

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.train.id]
  }

  scale_settings {
    min_node_count                       = 0
    max_node_count                       = 4
    scale_down_nodes_after_idle_duration = "PT30S"
  }
}

variable "workspace_id" {
  type = string
}
