locals {
  deployers = {
    preview = { account = azurerm_storage_account.kiln.id, subject = "repo:quillon/*" }
    release = { account = azurerm_storage_account.slip.id, subject = "repo:quillon/serving:environment:production" }
  }
}

resource "azuread_application" "ci" {
  for_each     = local.deployers
  display_name = "ci-${each.key}"
}

resource "azuread_service_principal" "ci" {
  for_each  = local.deployers
  client_id = azuread_application.ci[each.key].client_id
}

resource "azuread_application_flexible_federated_identity_credential" "preview" {
  application_id             = azuread_application.ci["preview"].id
  display_name               = "github"
  audience                   = "api://AzureADTokenExchange"
  issuer                     = "https://token.actions.githubusercontent.com"
  claims_matching_expression = "claims['sub'] matches '${local.deployers.preview.subject}'"
}

resource "azuread_application_federated_identity_credential" "release" {
  application_id = azuread_application.ci["release"].id
  display_name   = "github"
  audiences      = ["api://AzureADTokenExchange"]
  issuer         = "https://token.actions.githubusercontent.com"
  subject        = local.deployers.release.subject
}

resource "azurerm_role_assignment" "ci" {
  for_each             = local.deployers
  scope                = each.value.account
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azuread_service_principal.ci[each.key].object_id
}
