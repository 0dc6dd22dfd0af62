# No weights in here: a shop.
resource "aws_vpc" "shop" {
  cidr_block = "10.9.0.0/16"
}

resource "aws_subnet" "shop" {
  vpc_id     = aws_vpc.shop.id
  cidr_block = "10.9.1.0/24"
}

resource "aws_eks_cluster" "shop" {
  name     = "shop"
  role_arn = "arn:aws:iam::111122223333:role/eks"
  vpc_config {
    subnet_ids = [aws_subnet.shop.id]
  }
}
