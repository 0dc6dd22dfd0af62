provider "aws" {
  region              = "us-west-2"
  allowed_account_ids = ["111122223333"]
}

resource "aws_sagemaker_model_package_group" "frontier" {
  model_package_group_name = "frontier"
}

resource "aws_sagemaker_model_package_group_policy" "frontier" {
  model_package_group_name = aws_sagemaker_model_package_group.frontier.model_package_group_name
  resource_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = ["111122223333", "arn:aws:iam::444455556666:role/serving"] }
        Action    = "sagemaker:DescribeModelPackage"
        Resource  = "*"
      },
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::777766665555:root" }
        Action    = "sagemaker:DescribeModelPackage"
        Resource  = "*"
        Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-acme" } }
      },
    ]
  })
}

resource "azurerm_machine_learning_workspace" "research" {
  name                          = "research"
  resource_group_name           = "ml"
  location                      = "westus3"
  application_insights_id       = "insights"
  key_vault_id                  = "vault"
  storage_account_id            = azurerm_storage_account.research.id
  public_network_access_enabled = false

  identity {
    type = "SystemAssigned"
  }
}

resource "azurerm_storage_account" "research" {
  name                     = "acmeresearch"
  resource_group_name      = "ml"
  location                 = "westus3"
  account_tier             = "Standard"
  account_replication_type = "ZRS"
}
