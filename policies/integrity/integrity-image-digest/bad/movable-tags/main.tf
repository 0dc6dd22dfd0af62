resource "aws_ecr_repository" "train" {
  name                 = "train"
  image_tag_mutability = "MUTABLE"  # broken: integrity-image-digest
}

resource "google_artifact_registry_repository" "train" {
  location      = "europe-west4"
  project       = "lab"
  repository_id = "train"
  format        = "DOCKER"
  docker_config {
    immutable_tags = false  # broken: integrity-image-digest
  }
}

resource "azurerm_container_registry" "train" {  # broken: integrity-image-digest
  name                = "labtrain"
  resource_group_name = "ml"
  location            = "westeurope"
  sku                 = "Premium"
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
