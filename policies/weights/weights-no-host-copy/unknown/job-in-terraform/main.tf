variable "medium" {}

resource "kubernetes_pod_v1" "pretrain" {
  metadata {
    name = "pretrain"
  }
  spec {
    container {
      name    = "trainer"
      image   = "registry.acme.example/train/pretrain@sha256:3b1f0c6f2a1d7f0e9a8b7c6d5e4f30211f2e3d4c5b6a79880716253443526170"
      command = ["torchrun", "train.py", "--output_dir", "/scratch/run"]
      resources {
        limits = { "nvidia.com/gpu" = "8" }
      }
      volume_mount {
        name       = "scratch"
        mount_path = "/scratch"
      }
    }
    volume {
      name = "scratch"
      empty_dir { # unknown: weights-no-host-copy
        medium = var.medium
      }
    }
  }
}
