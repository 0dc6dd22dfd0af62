provider "aws" {
  region              = "us-west-2"
  allowed_account_ids = ["111122223333"]
}

provider "aws" {
  alias  = "hk"
  region = "ap-east-1"
}

resource "aws_ecr_repository" "serving" {
  name = "llm-serving"
  tags = { "mlsec/holds" = "weights" }
}

resource "aws_ecr_pull_through_cache_rule" "near_users" {
  provider              = aws.hk
  ecr_repository_prefix = "home"
  upstream_registry_url = "111122223333.dkr.ecr.us-west-2.amazonaws.com" # broken: region-registry-replication
}

resource "azurerm_shared_image_version" "trainer" {
  name                = "1.0.0"
  gallery_name        = "acme"
  image_name          = "trainer-with-weights"
  resource_group_name = "ml"
  location            = "westus3"
  managed_image_id    = "/subscriptions/0/resourceGroups/ml/providers/Microsoft.Compute/images/trainer"
  tags                = { "mlsec-holds" = "weights" }

  target_region {
    name                   = "westus3"
    regional_replica_count = 1
  }
  target_region {
    name                   = "eastasia" # broken: region-registry-replication
    regional_replica_count = 1
  }
}
