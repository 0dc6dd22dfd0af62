resource "azurerm_user_assigned_identity" "trainer" {
  name                = "id-trainer"
  location            = azurerm_resource_group.ml.location
  resource_group_name = azurerm_resource_group.ml.name
}

resource "azurerm_federated_identity_credential" "trainer" {
  name                = "aks-trainer"
  resource_group_name = azurerm_resource_group.ml.name
  parent_id           = azurerm_user_assigned_identity.trainer.id
  audience            = ["api://AzureADTokenExchange"]
  issuer              = azurerm_kubernetes_cluster.ml.oidc_issuer_url
  subject             = "system:serviceaccount:train:trainer"
}

resource "azurerm_role_assignment" "trainer" {
  scope                = azurerm_storage_account.this["ckpt"].id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.trainer.principal_id
}

resource "azurerm_user_assigned_identity" "ci" {
  for_each            = toset(["evals", "docs"])
  name                = "id-ci-${each.key}"
  location            = azurerm_resource_group.ml.location
  resource_group_name = azurerm_resource_group.ml.name
}

resource "azurerm_federated_identity_credential" "ci" {
  for_each = {
    evals = "repo:sedge-ai/eval-harness:pull_request"
    docs  = "repo:sedge-ai/model-docs:pull_request"
  }
  name                = "github-${each.key}"
  resource_group_name = azurerm_resource_group.ml.name
  parent_id           = azurerm_user_assigned_identity.ci[each.key].id
  audience            = ["api://AzureADTokenExchange"]
  issuer              = "https://token.actions.githubusercontent.com"
  subject             = each.value
}

resource "azurerm_role_assignment" "ci_evals" {
  scope                = azurerm_storage_account.this["ckpt"].id
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azurerm_user_assigned_identity.ci["evals"].principal_id
}

resource "azurerm_role_assignment" "ci_docs" {
  scope                = azurerm_storage_account.this["web"].id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.ci["docs"].principal_id
}
