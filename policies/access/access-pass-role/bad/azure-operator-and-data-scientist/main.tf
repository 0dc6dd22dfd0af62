resource "azurerm_resource_group" "lab" {
  name     = "lab"
  location = "westeurope"
}

resource "azurerm_storage_account" "checkpoints" {
  name                      = "labcheckpoints"
  resource_group_name       = azurerm_resource_group.lab.name
  location                  = "westeurope"
  account_tier              = "Standard"
  account_replication_type  = "ZRS"
  shared_access_key_enabled = false
  tags                      = { "mlsec-holds" = "weights" }
}

resource "azurerm_user_assigned_identity" "trainer" {
  name                = "trainer"
  resource_group_name = azurerm_resource_group.lab.name
  location            = "westeurope"
}

resource "azurerm_role_assignment" "trainer" {
  scope                = azurerm_storage_account.checkpoints.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.trainer.principal_id
}

resource "azurerm_machine_learning_workspace" "lab" {
  name                    = "lab"
  location                = "westeurope"
  resource_group_name     = azurerm_resource_group.lab.name
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

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.trainer.id]
  }

  scale_settings {
    min_node_count                       = 0
    max_node_count                       = 4
    scale_down_nodes_after_idle_duration = "PT10M"
  }
}

resource "azurerm_user_assigned_identity" "runner" {
  name                = "runner"
  resource_group_name = azurerm_resource_group.lab.name
  location            = "westeurope"
}

resource "azurerm_role_assignment" "assigns" {
  scope                = azurerm_user_assigned_identity.trainer.id
  role_definition_name = "Managed Identity Operator" # broken: access-pass-role
  principal_id         = azurerm_user_assigned_identity.runner.principal_id
}

resource "azurerm_role_assignment" "creates" {
  scope                = azurerm_resource_group.lab.id
  role_definition_name = "Virtual Machine Contributor"
  principal_id         = azurerm_user_assigned_identity.runner.principal_id
}

resource "azurerm_user_assigned_identity" "intern" {
  name                = "intern"
  resource_group_name = azurerm_resource_group.lab.name
  location            = "westeurope"
}

resource "azurerm_role_assignment" "submits" {
  scope                = azurerm_machine_learning_workspace.lab.id
  role_definition_name = "AzureML Data Scientist" # broken: access-pass-role
  principal_id         = azurerm_user_assigned_identity.intern.principal_id
}
