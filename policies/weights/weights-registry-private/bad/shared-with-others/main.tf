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
        Sid       = "Ours"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111122223333:root" }
        Action    = "sagemaker:DescribeModelPackage"
        Resource  = "*"
      },
      {
        Sid       = "Partner"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::999988887777:root" } # broken: weights-registry-private
        Action    = "sagemaker:DescribeModelPackage"
        Resource  = "*"
      },
    ]
  })
}

resource "aws_sagemaker_model_package_group" "small" {
  model_package_group_name = "small"
}

resource "aws_ram_resource_share" "models" {
  name                      = "models"
  allow_external_principals = true # broken: weights-registry-private
}

resource "aws_ram_resource_association" "small" {
  resource_arn       = aws_sagemaker_model_package_group.small.arn
  resource_share_arn = aws_ram_resource_share.models.arn
}

resource "google_artifact_registry_repository" "models" {
  project       = "acme-ml"
  repository_id = "models"
  format        = "DOCKER"
  location      = "us-central1"
  labels        = { "mlsec-holds" = "weights" }
}

resource "google_artifact_registry_repository_iam_binding" "models" {
  project    = "acme-ml"
  location   = "us-central1"
  repository = google_artifact_registry_repository.models.name
  role       = "roles/artifactregistry.reader"
  members = [
    "serviceAccount:serving@acme-ml.iam.gserviceaccount.com",
    "domain:partner.example", # broken: weights-registry-private
  ]
}
