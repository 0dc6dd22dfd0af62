resource "azurerm_user_assigned_identity" "serve" {
  name                = "id-serve"
  location            = azurerm_resource_group.main.location
  resource_group_name = azurerm_resource_group.main.name
}

resource "azurerm_federated_identity_credential" "serve" {
  name                = "serve"
  resource_group_name = azurerm_resource_group.main.name
  parent_id           = azurerm_user_assigned_identity.serve.id
  audience            = ["api://AzureADTokenExchange"]
  issuer              = azurerm_kubernetes_cluster.main.oidc_issuer_url
  subject             = "system:serviceaccount:serve:serve"
}

resource "azurerm_role_assignment" "serve" {
  scope                = azurerm_storage_account.weights.id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azurerm_user_assigned_identity.serve.principal_id
}

resource "azurerm_role_assignment" "researchers" {
  scope                = azurerm_storage_account.site.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = "4f6c1d22-90ab-4c3e-8d57-1e2f3a4b5c6d"
  principal_type       = "Group"
}
