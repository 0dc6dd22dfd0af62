locals {
  accounts = {
    ckpt = { name = "stsedgeckpt", containers = ["runs"] }
    web  = { name = "stsedgemodeldocs", containers = ["cards"] }
  }
}

resource "azurerm_storage_account" "this" {
  for_each                        = local.accounts
  name                            = each.value.name
  resource_group_name             = azurerm_resource_group.ml.name
  location                        = azurerm_resource_group.ml.location
  account_tier                    = "Standard"
  account_replication_type        = "ZRS"
  shared_access_key_enabled       = false
  allow_nested_items_to_be_public = false
  min_tls_version                 = "TLS1_2"
}

resource "azurerm_storage_container" "runs" {
  name                  = "runs"
  storage_account_id    = azurerm_storage_account.this["ckpt"].id
  container_access_type = "private"
}
