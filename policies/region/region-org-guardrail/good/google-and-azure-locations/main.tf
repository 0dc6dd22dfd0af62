resource "google_storage_bucket" "weights" {
  name     = "acme-weights"
  location = "US-WEST1"
  labels   = { "mlsec-holds" = "weights" }
}

resource "google_org_policy_policy" "locations" {
  name   = "organizations/123/policies/gcp.resourceLocations"
  parent = "organizations/123"

  spec {
    rules {
      values {
        allowed_values = ["in:us-locations"]
      }
    }
  }
}

resource "azurerm_storage_account" "weights" {
  name                     = "acmeweights"
  resource_group_name      = "ml"
  location                 = "westus3"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  tags                     = { "mlsec-holds" = "weights" }
}

data "azurerm_policy_definition" "locations" {
  display_name = "Allowed locations"
}

resource "azurerm_management_group_policy_assignment" "locations" {
  name                 = "locations"
  management_group_id  = "/providers/Microsoft.Management/managementGroups/acme"
  policy_definition_id = data.azurerm_policy_definition.locations.id
  parameters           = jsonencode({ listOfAllowedLocations = { value = ["westus3"] } })
}
