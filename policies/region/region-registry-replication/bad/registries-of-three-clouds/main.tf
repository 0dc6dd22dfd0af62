provider "aws" {
  region = "us-west-2"
}

resource "aws_ecr_repository" "serving" {
  name = "llm/serving"
  tags = { "mlsec/holds" = "weights" }
}

resource "aws_ecr_repository" "tools" {
  name = "tools/linters"
}

resource "aws_ecr_replication_configuration" "all" {
  replication_configuration {
    rule {
      destination {
        region      = "us-east-2"
        registry_id = "111122223333"
      }
      destination {
        region      = "ap-east-1" # broken: region-registry-replication
        registry_id = "111122223333"
      }
      repository_filter {
        filter      = "llm/"
        filter_type = "PREFIX_MATCH"
      }
    }
    rule {
      destination {
        region      = "me-central-1"
        registry_id = "111122223333"
      }
      repository_filter {
        filter      = "tools/"
        filter_type = "PREFIX_MATCH"
      }
    }
  }
}

resource "azurerm_container_registry" "models" {
  name                = "acmemodels"
  resource_group_name = "ml"
  location            = "westus3"
  sku                 = "Premium"
  tags                = { "mlsec-holds" = "weights" }

  georeplications {
    location = "East Asia" # broken: region-registry-replication
  }
}

resource "google_artifact_registry_repository" "models" {
  repository_id = "models"
  format        = "DOCKER"
  location      = "asia" # unknown: region-registry-replication
  labels        = { "mlsec-holds" = "weights" }
}
