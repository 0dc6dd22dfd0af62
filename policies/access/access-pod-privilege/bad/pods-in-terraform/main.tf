resource "kubectl_manifest" "pretrain" {
  yaml_body = <<-YAML
    apiVersion: batch/v1
    kind: Job
    metadata:
      name: pretrain
      namespace: training
    spec:
      template:
        spec:
          restartPolicy: Never
          hostPID: true # broken: access-pod-privilege
          containers:
            - name: trainer
              image: registry.acme.example/train/pretrain@sha256:3b1f0c6f2a1d7f0e9a8b7c6d5e4f30211f2e3d4c5b6a79880716253443526170
              securityContext:
                privileged: true # broken: access-pod-privilege
              resources:
                limits:
                  nvidia.com/gpu: "8"
  YAML
}

resource "kubectl_manifest" "sft" {
  yaml_body = templatefile("${path.module}/sft.yaml.tftpl", {
    name       = "sft"
    privileged = true
  })
}

resource "kubernetes_deployment_v1" "serve" {
  metadata {
    name      = "serve"
    namespace = "serving"
  }
  spec {
    selector {
      match_labels = { app = "serve" }
    }
    template {
      metadata {
        labels = { app = "serve" }
      }
      spec {
        host_ipc = true # broken: access-pod-privilege
        container {
          name  = "server"
          image = "registry.acme.example/train/pretrain@sha256:3b1f0c6f2a1d7f0e9a8b7c6d5e4f30211f2e3d4c5b6a79880716253443526170"
          security_context {
            run_as_user = "0" # broken: access-pod-privilege
            capabilities {
              add = ["SYS_ADMIN"] # broken: access-pod-privilege
            }
          }
          resources {
            limits = { "nvidia.com/gpu" = "1" }
          }
        }
      }
    }
  }
}

resource "helm_release" "eval" {
  name  = "eval"
  chart = "${path.module}/charts/eval"
  set = [{
    name  = "debug.privileged"
    value = "true"
  }]
}
