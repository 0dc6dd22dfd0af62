resource "google_kms_key_ring" "weights" {
  name     = "weights"
  location = "global" # broken: region-key-multi-region
}

resource "google_kms_crypto_key" "weights" {
  name     = "weights"
  key_ring = google_kms_key_ring.weights.id
}

resource "google_storage_bucket" "weights" {
  name     = "acme-weights"
  location = "US-WEST1"
  labels   = { "mlsec-holds" = "weights" }

  encryption {
    default_kms_key_name = google_kms_crypto_key.weights.id
  }
}

resource "azurerm_key_vault" "weights" {
  name                = "acme-weights"
  resource_group_name = "ml"
  location            = "southeastasia" # broken: region-key-multi-region
  sku_name            = "premium"
  tenant_id           = "00000000-0000-0000-0000-000000000000"
}

resource "azurerm_key_vault_key" "weights" {
  name         = "weights"
  key_vault_id = azurerm_key_vault.weights.id
  key_type     = "RSA-HSM"
  key_opts     = ["wrapKey", "unwrapKey"]
}

resource "azurerm_storage_account" "weights" {
  name                     = "acmeweights"
  resource_group_name      = "ml"
  location                 = "southeastasia"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
  tags                     = { "mlsec-holds" = "weights" }

  customer_managed_key {
    key_vault_key_id = azurerm_key_vault_key.weights.id
  }
}
