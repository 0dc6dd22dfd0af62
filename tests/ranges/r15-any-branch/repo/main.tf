terraform {
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.40"
    }
  }
}

provider "azurerm" {
  features {}
  subscription_id = "0d7c9a52-6b1e-4f3a-9c55-2f1b8e0a7c11"
}

resource "azurerm_resource_group" "ml" {
  name     = "rg-ml"
  location = "swedencentral"
}

resource "azurerm_storage_account" "kiln" {
  name                            = "stquillonkiln"
  resource_group_name             = azurerm_resource_group.ml.name
  location                        = azurerm_resource_group.ml.location
  account_tier                    = "Standard"
  account_replication_type        = "ZRS"
  shared_access_key_enabled       = false
  allow_nested_items_to_be_public = false
  public_network_access_enabled   = false
}

resource "azurerm_storage_container" "kiln" {
  name                  = "runs"
  storage_account_id    = azurerm_storage_account.kiln.id
  container_access_type = "private"
}

resource "azurerm_storage_account" "slip" {
  name                            = "stquillonslip"
  resource_group_name             = azurerm_resource_group.ml.name
  location                        = azurerm_resource_group.ml.location
  account_tier                    = "Standard"
  account_replication_type        = "ZRS"
  shared_access_key_enabled       = false
  allow_nested_items_to_be_public = false
  public_network_access_enabled   = false
}

resource "azurerm_storage_container" "slip" {
  name                  = "runs"
  storage_account_id    = azurerm_storage_account.slip.id
  container_access_type = "private"
}
