provider "azurerm" {
  features {}
}

variable "stage" {
  type    = string
  default = "dev"

  validation {
    condition     = contains(["dev", "prod"], var.stage)
    error_message = "Unknown stage."
  }
}

variable "location" {
  type    = string
  default = "germanywestcentral"
}

resource "azurerm_resource_group" "main" {
  name     = "rg-fell-${var.stage}"
  location = var.location
}
