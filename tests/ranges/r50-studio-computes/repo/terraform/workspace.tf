resource "azurerm_machine_learning_workspace" "prod" {
  name                          = "mlw-fen-prod"
  resource_group_name           = azurerm_resource_group.ml.name
  location                      = azurerm_resource_group.ml.location
  application_insights_id       = data.azurerm_application_insights.ml.id
  key_vault_id                  = data.azurerm_key_vault.ml.id
  storage_account_id            = azurerm_storage_account.this["corpus"].id
  public_network_access_enabled = false

  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_machine_learning_datastore_blobstorage" "this" {
  for_each             = local.accounts
  name                 = each.key
  workspace_id         = azurerm_machine_learning_workspace.prod.id
  storage_container_id = azurerm_storage_container.this[each.key].id
}

resource "azurerm_machine_learning_compute_cluster" "this" {
  for_each                      = var.computes
  name                          = each.key
  location                      = azurerm_resource_group.ml.location
  machine_learning_workspace_id = azurerm_machine_learning_workspace.prod.id
  vm_priority                   = "Dedicated"
  vm_size                       = each.value.size
  ssh_public_access_enabled     = each.value.ssh
  local_auth_enabled            = each.value.ssh

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.compute[each.value.id].id]
  }

  ssh {
    admin_username = "azureuser"
    key_value      = var.admin_key
  }

  scale_settings {
    min_node_count                       = 0
    max_node_count                       = each.value.nodes
    scale_down_nodes_after_idle_duration = "PT15M"
  }
}
