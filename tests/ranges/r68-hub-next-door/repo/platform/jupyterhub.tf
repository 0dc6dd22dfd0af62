resource "helm_release" "jupyterhub" {
  name             = "hub"
  namespace        = "train"
  repository       = "https://hub.jupyter.org/helm-chart/"
  chart            = "jupyterhub"
  version          = "4.1.0"
  values           = [file("${path.module}/jupyterhub-values.yaml")]
}
