resource "kubernetes_namespace_v1" "dev" {
  provider = kubernetes.dev

  metadata {
    name = "train"
  }
}

resource "kubernetes_role_binding_v1" "engineers" {
  provider = kubernetes.dev

  metadata {
    name      = "engineers"
    namespace = kubernetes_namespace_v1.dev.metadata[0].name
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = "edit"
  }

  subject {
    kind      = "Group"
    name      = "engineers@acme.example" # broken: weights-to-other-cluster
    api_group = "rbac.authorization.k8s.io"
  }
}
