provider "azurerm" {
  features {}
}

data "azurerm_client_config" "me" {}

resource "azurerm_resource_group" "this" {
  name     = "rg-alderbrook"
  location = "norwayeast"
}

locals {
  tags = { owner = "tuning" }
  stores = {
    adapters = { access = "private" }
    prompts  = { access = "private" }
  }
}

resource "azurerm_storage_account" "store" {
  for_each                        = local.stores
  name                            = "stalder${each.key}"
  resource_group_name             = azurerm_resource_group.this.name
  location                        = azurerm_resource_group.this.location
  account_tier                    = "Standard"
  account_replication_type        = "LRS"
  allow_nested_items_to_be_public = false
  cross_tenant_replication_enabled = true
  tags                            = local.tags

  blob_properties {
    versioning_enabled  = true
    change_feed_enabled = true
  }

  network_rules {
    default_action             = "Deny"
    bypass                     = ["AzureServices"]
    virtual_network_subnet_ids = [azurerm_subnet.nodes.id]
  }
}

resource "azurerm_storage_container" "store" {
  for_each              = local.stores
  name                  = each.key
  storage_account_id    = azurerm_storage_account.store[each.key].id
  container_access_type = each.value.access
}
