variable "operator_version" {
  type = string
}

resource "helm_release" "gpu_operator" {
  name       = "gpu-operator"
  repository = "https://helm.ngc.nvidia.com/nvidia"
  chart      = "gpu-operator"
  version    = var.operator_version  # unknown: integrity-gpu-runtime
}
