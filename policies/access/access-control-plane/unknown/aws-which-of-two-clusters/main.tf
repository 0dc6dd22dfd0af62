resource "aws_eks_cluster" "lab" {
  name     = "lab"
  role_arn = "arn:aws:iam::111122223333:role/eks"
  version  = "1.33"

  vpc_config {
    subnet_ids              = ["subnet-0a", "subnet-0b"]
    endpoint_private_access = true
    endpoint_public_access  = true
  }
}

resource "aws_eks_cluster" "dev" {
  name     = "dev"
  role_arn = "arn:aws:iam::111122223333:role/eks"
  version  = "1.33"

  vpc_config {
    subnet_ids              = ["subnet-0a", "subnet-0b"]
    endpoint_private_access = true
    endpoint_public_access  = false
  }
}
