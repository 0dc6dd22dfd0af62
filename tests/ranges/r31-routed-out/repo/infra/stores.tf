resource "azurerm_storage_account" "side" {
  for_each                      = local.sides
  name                          = each.value.account
  resource_group_name           = azurerm_resource_group.ml.name
  location                      = azurerm_resource_group.ml.location
  account_tier                  = "Standard"
  account_replication_type      = "ZRS"
  is_hns_enabled                = true
  shared_access_key_enabled     = false
  public_network_access_enabled = false
}

resource "azurerm_storage_container" "ckpt" {
  for_each              = azurerm_storage_account.side
  name                  = "ckpt"
  storage_account_id    = each.value.id
  container_access_type = "private"
}

resource "azurerm_private_endpoint" "side" {
  for_each            = azurerm_storage_account.side
  name                = "pe-${each.key}"
  resource_group_name = azurerm_resource_group.ml.name
  location            = azurerm_resource_group.ml.location
  subnet_id           = azurerm_subnet.inside.id

  private_service_connection {
    name                           = each.key
    private_connection_resource_id = each.value.id
    subresource_names              = ["dfs"]
    is_manual_connection           = false
  }
}
