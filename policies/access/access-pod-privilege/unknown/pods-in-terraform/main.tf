variable "privileged" {
  type = bool
}

resource "kubectl_manifest" "pretrain" {
  yaml_body = <<-YAML
    apiVersion: v1
    kind: Pod
    metadata:
      name: pretrain
    spec:
      containers:
        - name: trainer
          image: registry.acme.example/train/pretrain@sha256:3b1f0c6f2a1d7f0e9a8b7c6d5e4f30211f2e3d4c5b6a79880716253443526170
          securityContext:
            privileged: ${var.privileged} # unknown: access-pod-privilege
          resources:
            limits:
              nvidia.com/gpu: 8
  YAML
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
        privileged = var.privileged # unknown: access-pod-privilege
      }
      resources {
        limits = { "nvidia.com/gpu" = "1" }
      }
    }
  }
}
