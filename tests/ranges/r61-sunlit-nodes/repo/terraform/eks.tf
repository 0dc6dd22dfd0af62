module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 20.31"

  cluster_name    = "larkfield"
  cluster_version = "1.32"

  vpc_id     = aws_vpc.lab.id
  subnet_ids = aws_subnet.system[*].id

  cluster_endpoint_public_access = false
  enable_irsa                    = true

  eks_managed_node_groups = {
    system = {
      instance_types = ["m6i.xlarge"]
      min_size       = 2
      max_size       = 4
      subnet_ids     = aws_subnet.system[*].id
    }
    gpu = {
      ami_type       = "AL2023_x86_64_NVIDIA"
      instance_types = ["p5.48xlarge"]
      min_size       = 0
      max_size       = 16
      subnet_ids     = aws_subnet.gpu[*].id
      labels         = { workload = "train" }
    }
  }
}
