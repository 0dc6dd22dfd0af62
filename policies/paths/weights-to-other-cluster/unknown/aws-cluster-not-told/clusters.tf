provider "aws" {
  region = "eu-west-1"
}

resource "aws_eks_cluster" "each" {
  for_each = toset(["prod", "dev"])
  name     = each.key
  role_arn = "arn:aws:iam::111122223333:role/eks"

  vpc_config {
    subnet_ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  }
}

resource "aws_iam_openid_connect_provider" "each" {
  for_each       = aws_eks_cluster.each
  url            = each.value.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}

provider "kubernetes" {
  alias = "prod"
  host  = aws_eks_cluster.each["prod"].endpoint
}

provider "kubernetes" {
  alias = "dev"
  host  = aws_eks_cluster.each["dev"].endpoint
}
