provider "aws" {
  region = "us-west-2"
}

resource "aws_eks_cluster" "office" {
  name     = "office"
  role_arn = "arn:aws:iam::111122223333:role/eks"

  outpost_config {
    control_plane_instance_type = "m5d.large"
    outpost_arns                = ["arn:aws:outposts:us-west-2:111122223333:outpost/op-1"]
  }

  vpc_config {
    subnet_ids = ["subnet-1"]
  }
}

provider "kubernetes" {
  host = aws_eks_cluster.office.endpoint
}

resource "kubernetes_job_v1" "sft" { # broken: region-edge-site
  metadata {
    name = "sft"
  }

  spec {
    template {
      metadata {}
      spec {
        container {
          name    = "trainer"
          image   = "registry.acme.example/train:1"
          command = ["torchrun", "sft.py", "--output_dir", "/ckpt/sft"]
          resources {
            limits = {
              "nvidia.com/gpu" = "8"
            }
          }
        }
      }
    }
  }
}
