terraform {
  required_version = ">= 1.6"
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "~> 4.14" }
  }
}

provider "azurerm" {
  features {}
  subscription_id = "0f0f0f0f-1111-2222-3333-444455556666"
}

resource "azurerm_resource_group" "ml" {
  name     = "rg-fen-ml"
  location = "uksouth"
}

data "azurerm_subnet" "compute" {
  name                 = "snet-compute"
  virtual_network_name = "vnet-fen"
  resource_group_name  = "rg-fen-net"
}

data "azurerm_key_vault" "ml" {
  name                = "kv-fen-ml"
  resource_group_name = "rg-fen-core"
}

data "azurerm_application_insights" "ml" {
  name                = "appi-fen"
  resource_group_name = "rg-fen-core"
}
