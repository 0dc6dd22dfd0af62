resource "aws_eks_cluster" "grove" {
  name     = "grove"
  role_arn = aws_iam_role.control.arn

  vpc_config {
    subnet_ids              = aws_subnet.nodes[*].id
    endpoint_public_access  = false
    endpoint_private_access = true
  }
}

resource "aws_iam_role" "control" {
  name = "grove-control"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "eks.amazonaws.com" } }]
  })
}

resource "aws_iam_role" "node" {
  name = "grove-node"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_eks_node_group" "gpu" {
  cluster_name   = aws_eks_cluster.grove.name
  node_role_arn  = aws_iam_role.node.arn
  subnet_ids     = aws_subnet.nodes[*].id
  instance_types = ["p5.48xlarge"]

  scaling_config {
    desired_size = 2
    max_size     = 2
    min_size     = 2
  }
}

resource "aws_eks_addon" "cni" {
  cluster_name         = aws_eks_cluster.grove.name
  addon_name           = "vpc-cni"
  configuration_values = jsonencode({ enableNetworkPolicy = "true" })
}

resource "aws_eks_pod_identity_association" "grove" {
  for_each        = local.releases
  cluster_name    = aws_eks_cluster.grove.name
  namespace       = kubernetes_namespace_v1.grove[each.key].metadata[0].name
  service_account = kubernetes_service_account_v1.grove[each.key].metadata[0].name
  role_arn        = aws_iam_role.grove[each.key].arn
}

resource "aws_iam_role" "grove" {
  for_each = local.releases
  name     = "grove-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Principal = { Service = "pods.eks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "grove" {
  for_each = local.releases
  role     = aws_iam_role.grove[each.key].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.grove[each.key].arn}/*"
    }]
  })
}
