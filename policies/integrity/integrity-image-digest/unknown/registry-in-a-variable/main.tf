variable "mutability" {
  type = string
}

resource "aws_ecr_repository" "train" {
  name                 = "train"
  image_tag_mutability = var.mutability  # unknown: integrity-image-digest
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
