variable "log_types" {
  type = list(string)
}

resource "aws_vpc" "train" {
  cidr_block = "10.8.0.0/16"
}

resource "aws_subnet" "train" {
  vpc_id     = aws_vpc.train.id
  cidr_block = "10.8.1.0/24"
}

resource "aws_eks_cluster" "train" {
  name     = "train"
  role_arn = "arn:aws:iam::111122223333:role/eks"
  enabled_cluster_log_types = var.log_types # unknown: access-audit-log
  vpc_config {
    subnet_ids = [aws_subnet.train.id]
  }
}

resource "kubernetes_job_v1" "sft" {
  metadata {
    name      = "sft"
    namespace = "train"
  }
  spec {
    template {
      metadata {}
      spec {
        container {
          name    = "sft"
          image   = "registry.osprey.example/sft:9"
          command = ["python", "train.py", "--output_dir", "s3://osprey-frontier/checkpoints"]
          resources {
            limits = { "nvidia.com/gpu" = 8 }
          }
        }
      }
    }
  }
}

resource "aws_flow_log" "train" {
  vpc_id          = aws_vpc.train.id
  traffic_type    = "ALL"
  log_destination = "arn:aws:s3:::osprey-audit"
}

