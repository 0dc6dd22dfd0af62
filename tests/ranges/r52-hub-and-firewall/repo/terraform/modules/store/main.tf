variable "name" {
  type = string
}

variable "replication" {
  type = string
}

variable "public" {
  type    = bool
  default = false
}

variable "location" {
  type = string
}

variable "resource_group" {
  type = string
}

variable "subnet_id" {
  type = string
}

resource "azurerm_storage_account" "this" {
  name                            = var.name
  resource_group_name             = var.resource_group
  location                        = var.location
  account_tier                    = "Standard"
  account_replication_type        = var.replication
  min_tls_version                 = "TLS1_2"
  shared_access_key_enabled       = false
  allow_nested_items_to_be_public = var.public
  public_network_access_enabled   = var.public
  cross_tenant_replication_enabled = false

  blob_properties {
    versioning_enabled = true
    delete_retention_policy {
      days = 30
    }
  }
}

resource "azurerm_storage_container" "data" {
  name                  = "data"
  storage_account_id    = azurerm_storage_account.this.id
  container_access_type = var.public ? "blob" : "private"
}

resource "azurerm_private_endpoint" "blob" {
  count               = var.public ? 0 : 1
  name                = "pe-${var.name}"
  resource_group_name = var.resource_group
  location            = var.location
  subnet_id           = var.subnet_id

  private_service_connection {
    name                           = "blob"
    private_connection_resource_id = azurerm_storage_account.this.id
    subresource_names              = ["blob"]
    is_manual_connection           = false
  }
}

output "id" {
  value = azurerm_storage_account.this.id
}

output "container_id" {
  value = azurerm_storage_container.data.resource_manager_id
}
