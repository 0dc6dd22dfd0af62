resource "kubernetes_stateful_set_v1" "trainer" {
  metadata {
    name = "trainer"
  }
  spec {
    service_name = "trainer"
    selector {
      match_labels = { app = "trainer" }
    }
    template {
      metadata {
        labels = { app = "trainer" }
      }
      spec {
        container {
          name  = "trainer"
          image = "registry.acme.example/train/pretrain@sha256:3b1f0c6f2a1d7f0e9a8b7c6d5e4f30211f2e3d4c5b6a79880716253443526170"
          resources {
            limits = { "nvidia.com/gpu" = "8" }
          }
          volume_mount {
            name       = "socket"
            mount_path = "/run/containerd.sock"
          }
        }
        volume {
          name = "socket"
          host_path {
            path = "/run/containerd/containerd.sock" # broken: access-host-mount
          }
        }
      }
    }
  }
}

resource "aws_ecs_task_definition" "eval" {
  family = "eval"
  container_definitions = jsonencode([{
    name                 = "eval"
    image                = "registry.acme.example/train/pretrain@sha256:3b1f0c6f2a1d7f0e9a8b7c6d5e4f30211f2e3d4c5b6a79880716253443526170"
    resourceRequirements = [{ type = "GPU", value = "1" }]
    mountPoints          = [{ sourceVolume = "docker", containerPath = "/var/run/docker.sock" }]
  }])
  volume {
    name      = "docker"
    host_path = "/var/run/docker.sock" # broken: access-host-mount
  }
}
