resource "azurerm_user_assigned_identity" "trainer" {
  name                = "trainer"
  resource_group_name = "ml"
  location            = "southeastasia"
}

resource "azurerm_federated_identity_credential" "trainer" {
  name                = "trainer"
  resource_group_name = "ml"
  parent_id           = azurerm_user_assigned_identity.trainer.id
  audience            = ["api://AzureADTokenExchange"]
  issuer              = azurerm_kubernetes_cluster.gpu.oidc_issuer_url
  subject             = "system:serviceaccount:training:trainer"
}

resource "azurerm_role_assignment" "trainer" {
  scope                = azurerm_storage_account.weights.id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.trainer.principal_id
}
