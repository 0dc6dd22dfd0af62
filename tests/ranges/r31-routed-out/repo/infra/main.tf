terraform {
  required_providers {
    azurerm = { source = "hashicorp/azurerm", version = "~> 4.20" }
  }
}

provider "azurerm" {
  features {}
}

resource "azurerm_resource_group" "ml" {
  name     = "vellum-ml"
  location = "swedencentral"
}

locals {
  sides = {
    tune  = { account = "stvellumcoal", subject = "system:serviceaccount:tune:tuner" }
    grade = { account = "stvellumiron", subject = "system:serviceaccount:grade:grader" }
  }
}
