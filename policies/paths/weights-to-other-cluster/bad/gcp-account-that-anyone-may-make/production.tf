resource "kubernetes_namespace_v1" "train" {
  provider = kubernetes.prod

  metadata {
    name = "train"
  }
}

resource "kubernetes_service_account_v1" "trainer" {
  provider = kubernetes.prod

  metadata {
    name      = "trainer"
    namespace = kubernetes_namespace_v1.train.metadata[0].name
    annotations = {
      "iam.gke.io/gcp-service-account" = google_service_account.trainer.email
    }
  }
}

resource "kubernetes_job_v1" "pretrain" {
  provider = kubernetes.prod

  metadata {
    name      = "pretrain"
    namespace = kubernetes_namespace_v1.train.metadata[0].name
  }

  spec {
    template {
      metadata {}

      spec {
        service_account_name = kubernetes_service_account_v1.trainer.metadata[0].name

        container {
          name  = "train"
          image = "registry.acme.example/train@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
          args  = ["--output_dir", "gs://acme-weights/run7"]

          resources {
            limits = { "nvidia.com/gpu" = "8" }
          }
        }
      }
    }
  }
}
