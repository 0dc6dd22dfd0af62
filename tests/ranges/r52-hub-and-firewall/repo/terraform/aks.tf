resource "azurerm_kubernetes_cluster" "serve" {
  name                      = "aks-merganser"
  location                  = var.location
  resource_group_name       = azurerm_resource_group.core.name
  dns_prefix                = "merganser"
  private_cluster_enabled   = true
  oidc_issuer_enabled       = true
  workload_identity_enabled = true
  local_account_disabled    = true

  azure_active_directory_role_based_access_control {
    azure_rbac_enabled = true
  }

  default_node_pool {
    name           = "gpu"
    vm_size        = "Standard_NC40ads_H100_v5"
    node_count     = 3
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
  }
}

resource "azurerm_user_assigned_identity" "server" {
  name                = "id-server"
  resource_group_name = azurerm_resource_group.core.name
  location            = var.location
}

resource "azurerm_federated_identity_credential" "server" {
  name                = "server"
  resource_group_name = azurerm_resource_group.core.name
  parent_id           = azurerm_user_assigned_identity.server.id
  audience            = ["api://AzureADTokenExchange"]
  issuer              = azurerm_kubernetes_cluster.serve.oidc_issuer_url
  subject             = "system:serviceaccount:serve:server"
}

resource "azurerm_role_assignment" "server" {
  scope                = module.store["released"].container_id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azurerm_user_assigned_identity.server.principal_id
}

resource "azurerm_user_assigned_identity" "deploy" {
  name                = "id-deploy"
  resource_group_name = azurerm_resource_group.core.name
  location            = var.location
}

resource "azurerm_federated_identity_credential" "deploy" {
  name                = "deploy"
  resource_group_name = azurerm_resource_group.core.name
  parent_id           = azurerm_user_assigned_identity.deploy.id
  audience            = ["api://AzureADTokenExchange"]
  issuer              = "https://token.actions.githubusercontent.com"
  subject             = "repo:merganser/site:environment:production"
}

resource "azurerm_role_assignment" "deploy" {
  scope                = module.store["website"].id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.deploy.principal_id
}
