resource "azurerm_user_assigned_identity" "side" {
  for_each            = local.sides
  name                = "id-${each.key}"
  resource_group_name = azurerm_resource_group.ml.name
  location            = azurerm_resource_group.ml.location
}

resource "azurerm_federated_identity_credential" "side" {
  for_each            = local.sides
  name                = each.key
  resource_group_name = azurerm_resource_group.ml.name
  parent_id           = azurerm_user_assigned_identity.side[each.key].id
  audience            = ["api://AzureADTokenExchange"]
  issuer              = azurerm_kubernetes_cluster.ml.oidc_issuer_url
  subject             = each.value.subject
}

resource "azurerm_role_assignment" "side" {
  for_each             = local.sides
  scope                = azurerm_storage_account.side[each.key].id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.side[each.key].principal_id
}
