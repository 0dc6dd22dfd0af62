provider "aws" {
  region = "us-east-2"
}

module "oats" {
  source    = "./service"
  name      = "oats"
  task_role = aws_iam_role.runner["oats"].arn
  subnet    = aws_subnet.front.id
  group     = aws_security_group.mill.id
  public    = true
}

module "rye" {
  source    = "./service"
  name      = "rye"
  task_role = aws_iam_role.runner["rye"].arn
  subnet    = aws_subnet.front.id
  group     = aws_security_group.mill.id
}

# A function in a subnet has no public address, whatever the subnet's routes.
resource "aws_lambda_function" "spelt" {
  function_name = "spelt"
  role          = aws_iam_role.runner["spelt"].arn
  package_type  = "Image"
  image_uri     = "888899990000.dkr.ecr.us-east-2.amazonaws.com/spelt@sha256:11c6a1d5bb5e1c5a4e2ab4f0d4c7ea0cf1e1c6c0b9d0b0f7a3a4b7d58e1f0aa1"

  vpc_config {
    subnet_ids         = [aws_subnet.front.id]
    security_group_ids = [aws_security_group.mill.id]
  }
}
