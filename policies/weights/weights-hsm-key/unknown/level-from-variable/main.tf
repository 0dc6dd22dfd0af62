variable "protection" {
  type = string
}

variable "key_type" {
  type = string
}

resource "google_kms_crypto_key" "weights" {
  name     = "weights"
  key_ring = "projects/acme-lab/locations/europe-west4/keyRings/lab"

  version_template {
    algorithm        = "GOOGLE_SYMMETRIC_ENCRYPTION"
    protection_level = var.protection # unknown: weights-hsm-key
  }
}

resource "google_storage_bucket" "weights" {
  name     = "acme-frontier-weights"
  location = "EUROPE-WEST4"
  labels   = { "mlsec-holds" = "weights" }

  encryption {
    default_kms_key_name = google_kms_crypto_key.weights.id
  }
}

resource "azurerm_key_vault_key" "weights" {
  name         = "weights"
  key_vault_id = "/subscriptions/0/resourceGroups/lab/providers/Microsoft.KeyVault/vaults/acme-lab"
  key_type     = var.key_type # unknown: weights-hsm-key
  key_opts     = ["wrapKey", "unwrapKey"]
}

resource "azurerm_storage_account" "weights" {
  name                     = "acmeweights"
  location                 = "westeurope"
  resource_group_name      = "lab"
  account_tier             = "Premium"
  account_replication_type = "LRS"
  tags                     = { "mlsec-holds" = "weights" }

  customer_managed_key {
    key_vault_key_id          = azurerm_key_vault_key.weights.id
    user_assigned_identity_id = "/subscriptions/0/resourceGroups/lab/providers/Microsoft.ManagedIdentity/userAssignedIdentities/store"
  }
}
