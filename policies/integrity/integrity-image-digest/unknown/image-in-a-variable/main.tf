variable "image" {}

resource "kubernetes_manifest" "trainer" {
  manifest = {
    apiVersion = "v1"
    kind       = "Pod"
    metadata   = { name = "trainer", namespace = "training" }
    spec = {
      containers = [{
        name      = "trainer"
        image     = var.image # unknown: integrity-image-digest
        resources = { limits = { "nvidia.com/gpu" = 8 } }
      }]
    }
  }
}
