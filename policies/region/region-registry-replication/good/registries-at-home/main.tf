provider "aws" {
  region = "us-west-2"
}

resource "aws_ecr_repository" "serving" {
  name = "llm/serving"
  tags = { "mlsec/holds" = "weights" }
}

resource "aws_ecr_replication_configuration" "all" {
  replication_configuration {
    rule {
      destination {
        region      = "us-east-2"
        registry_id = "111122223333"
      }
    }
  }
}

resource "google_artifact_registry_repository" "models" {
  repository_id = "models"
  format        = "DOCKER"
  location      = "us-central1"
  labels        = { "mlsec-holds" = "weights" }
}

resource "azurerm_container_registry" "models" {
  name                = "acmemodels"
  resource_group_name = "ml"
  location            = "westus3"
  sku                 = "Premium"
  tags                = { "mlsec-holds" = "weights" }

  georeplications {
    location = "eastus2"
  }
}
