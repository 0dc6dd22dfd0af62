resource "azurerm_managed_disk" "checkpoints" { # broken: weights-snapshot-not-shared
  name                 = "checkpoints"
  location             = "westeurope"
  resource_group_name  = "lab"
  storage_account_type = "Premium_LRS"
  create_option        = "Empty"
  disk_size_gb         = 4096
  tags                 = { "mlsec-holds" = "weights" }
}

resource "azurerm_snapshot" "checkpoints" {
  name                  = "checkpoints"
  location              = "westeurope"
  resource_group_name   = "lab"
  create_option         = "Copy"
  source_uri            = azurerm_managed_disk.checkpoints.id
  network_access_policy = "AllowAll" # broken: weights-snapshot-not-shared
}

resource "azurerm_shared_image_gallery" "serving" {
  name                = "serving"
  location            = "westeurope"
  resource_group_name = "lab"
  tags                = { "mlsec-holds" = "weights" }

  sharing {
    permission = "Community" # broken: weights-snapshot-not-shared

    community_gallery {
      eula            = "https://acme.example/eula"
      prefix          = "acme"
      publisher_email = "lab@acme.example"
      publisher_uri   = "https://acme.example"
    }
  }
}
