resource "azurerm_managed_disk" "checkpoints" {
  name                  = "checkpoints"
  location              = "westeurope"
  resource_group_name   = "lab"
  storage_account_type  = "Premium_LRS"
  create_option         = "Empty"
  disk_size_gb          = 4096
  network_access_policy = "DenyAll"
  tags                  = { "mlsec-holds" = "weights" }
}

resource "azurerm_snapshot" "checkpoints" {
  name                          = "checkpoints"
  location                      = "westeurope"
  resource_group_name           = "lab"
  create_option                 = "Copy"
  source_uri                    = azurerm_managed_disk.checkpoints.id
  public_network_access_enabled = false
}

resource "azurerm_shared_image_gallery" "serving" {
  name                = "serving"
  location            = "westeurope"
  resource_group_name = "lab"
  tags                = { "mlsec-holds" = "weights" }
}
