resource "azurerm_user_assigned_identity" "train" {
  name                = "id-plover-train"
  location            = azurerm_resource_group.aml.location
  resource_group_name = azurerm_resource_group.aml.name
}

resource "azurerm_role_assignment" "train" {
  scope                = azurerm_storage_account.workspace.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.train.principal_id
}

resource "azurerm_machine_learning_compute_cluster" "a100" {
  name                          = "a100"
  location                      = azurerm_resource_group.aml.location
  machine_learning_workspace_id = azurerm_machine_learning_workspace.main.id
  vm_priority                   = "Dedicated"
  vm_size                       = "Standard_ND96amsr_A100_v4"
  node_public_ip_enabled        = false
  ssh_public_access_enabled     = false

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.train.id]
  }

  scale_settings {
    min_node_count                       = 0
    max_node_count                       = 4
    scale_down_nodes_after_idle_duration = "PT15M"
  }
}
