resource "aws_ecr_repository" "train" {
  name                 = "train"
  image_tag_mutability = "IMMUTABLE"
}

resource "google_artifact_registry_repository" "train" {
  location      = "europe-west4"
  project       = "lab"
  repository_id = "train"
  format        = "DOCKER"
  docker_config {
    immutable_tags = true
  }
}

resource "azurerm_container_registry" "train" {
  name                 = "labtrain"
  resource_group_name  = "ml"
  location             = "westeurope"
  sku                  = "Premium"
  trust_policy_enabled = true
}

resource "azurerm_container_registry" "docs" {
  name                = "labdocs"
  resource_group_name = "ml"
  location            = "westeurope"
  sku                 = "Premium"
}

resource "aws_sagemaker_model" "chat" {
  name               = "chat"
  execution_role_arn = "arn:aws:iam::111122223333:role/serving"
  primary_container {
    image          = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/serve@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    model_data_url = "s3://lab-weights/chat.tar.gz"
  }
}

resource "kubernetes_job_v1" "trainer" {
  metadata {
    name = "trainer"
  }
  spec {
    template {
      metadata {}
      spec {
        container {
          name  = "trainer"
          image = "${aws_ecr_repository.train.repository_url}@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          resources {
            limits = { "nvidia.com/gpu" = "8" }
          }
        }
      }
    }
  }
}

resource "kubernetes_job_v1" "google" {
  metadata {
    name = "google"
  }
  spec {
    template {
      metadata {}
      spec {
        container {
          name  = "google"
          image = "europe-west4-docker.pkg.dev/lab/train/sft@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          resources {
            limits = { "nvidia.com/gpu" = "8" }
          }
        }
      }
    }
  }
}

resource "kubernetes_job_v1" "azure" {
  metadata {
    name = "azure"
  }
  spec {
    template {
      metadata {}
      spec {
        container {
          name  = "azure"
          image = "labtrain.azurecr.io/sft@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          resources {
            limits = { "nvidia.com/gpu" = "8" }
          }
        }
      }
    }
  }
}
