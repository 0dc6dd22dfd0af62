resource "kubectl_manifest" "pretrain" {
  yaml_body = yamlencode({
    apiVersion = "v1"
    kind       = "Pod"
    metadata   = { name = "pretrain", namespace = "training" }
    spec = {
      containers = [{
        name            = "trainer"
        image           = "registry.acme.example/train/pretrain@sha256:3b1f0c6f2a1d7f0e9a8b7c6d5e4f30211f2e3d4c5b6a79880716253443526170"
        securityContext = { privileged = false, runAsNonRoot = true }
        resources       = { limits = { "nvidia.com/gpu" = "8" } }
      }]
    }
  })
}

resource "kubernetes_pod_v1" "serve" {
  metadata {
    name = "serve"
  }
  spec {
    container {
      name  = "server"
      image = "registry.acme.example/train/pretrain@sha256:3b1f0c6f2a1d7f0e9a8b7c6d5e4f30211f2e3d4c5b6a79880716253443526170"
      security_context {
        run_as_non_root = true
        capabilities {
          drop = ["ALL"]
        }
      }
      resources {
        limits = { "nvidia.com/gpu" = "1" }
      }
    }
  }
}

# a file that a resource applies is judged once, as that resource
resource "kubectl_manifest" "eval" {
  yaml_body = file("${path.module}/eval.yaml")
}
