locals {
  notebooks = {
    triage  = aws_iam_role.fit.arn
    sorting = aws_iam_role.annotate.arn
  }
}

resource "aws_vpc" "ml" {
  cidr_block = "10.8.0.0/16"
}

resource "aws_subnet" "ml" {
  vpc_id     = aws_vpc.ml.id
  cidr_block = "10.8.1.0/24"
}

resource "aws_security_group" "ml" {
  vpc_id = aws_vpc.ml.id
}

resource "aws_sagemaker_notebook_instance" "this" {
  for_each               = local.notebooks
  name                   = each.key
  role_arn               = each.value
  instance_type          = "ml.g5.2xlarge"
  subnet_id              = aws_subnet.ml.id
  security_groups        = [aws_security_group.ml.id]
  direct_internet_access = "Disabled"
  root_access            = "Disabled"
}
