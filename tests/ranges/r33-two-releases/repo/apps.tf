provider "kubernetes" {
  host = aws_eks_cluster.grove.endpoint
}

provider "helm" {
  kubernetes {
    host = aws_eks_cluster.grove.endpoint
  }
}

resource "kubernetes_namespace_v1" "grove" {
  for_each = local.releases

  metadata {
    name = each.key
  }
}

resource "kubernetes_service_account_v1" "grove" {
  for_each = local.releases

  metadata {
    name      = "runner"
    namespace = kubernetes_namespace_v1.grove[each.key].metadata[0].name
  }
}

resource "helm_release" "trainer" {
  for_each  = local.releases
  name      = "trainer"
  namespace = kubernetes_namespace_v1.grove[each.key].metadata[0].name
  chart     = "${path.module}/charts/trainer"

  values = [yamlencode({
    fence          = { enabled = each.value.fenced }
    serviceAccount = kubernetes_service_account_v1.grove[each.key].metadata[0].name
    outputUri      = "s3://${aws_s3_bucket.grove[each.key].bucket}/ckpt"
  })]
}
