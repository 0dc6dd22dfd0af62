resource "kubernetes_job_v1" "trainer" {
  metadata {
    name = "trainer"
  }
  spec {
    template {
      metadata {}
      spec {
        init_container {
          name  = "fetch"
          image = "registry.acme.example/tools/fetch:1.2" # broken: integrity-image-digest
        }
        container {
          name  = "trainer"
          image = "registry.acme.example/train/pretrain:latest" # broken: integrity-image-digest
          resources {
            limits = { "nvidia.com/gpu" = "8" }
          }
        }
      }
    }
  }
}
