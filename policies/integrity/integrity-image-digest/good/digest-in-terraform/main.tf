resource "kubernetes_manifest" "trainer" {
  manifest = {
    apiVersion = "v1"
    kind       = "Pod"
    metadata   = { name = "trainer", namespace = "training" }
    spec = {
      containers = [{
        name      = "trainer"
        image     = "registry.acme.example/train/pretrain@sha256:3b1f0c6f2a1d7f0e9a8b7c6d5e4f30211f2e3d4c5b6a79880716253443526170"
        resources = { limits = { "nvidia.com/gpu" = 8 } }
      }]
    }
  }
}
