resource "aws_sagemaker_model" "ranker" {
  name                     = "fathom-ranker"
  execution_role_arn       = aws_iam_role.training.arn
  enable_network_isolation = true

  primary_container {
    image          = "763104351884.dkr.ecr.us-east-2.amazonaws.com/djl-inference:0.30.0-lmi12.0.0-cu124"
    model_data_url = "s3://${module.artifacts["registry"].name}/ranker/2025-04-02/model.tar.gz"
  }

  vpc_config {
    subnets            = var.private_subnet_ids
    security_group_ids = [aws_security_group.sagemaker.id]
  }
}

resource "aws_sagemaker_notebook_instance" "debug" {
  count                  = var.enable_debug_notebook ? 1 : 0
  name                   = "train-debug"
  role_arn               = aws_iam_role.training.arn
  instance_type          = "ml.g5.2xlarge"
  direct_internet_access = "Enabled"
}

resource "aws_sagemaker_notebook_instance" "analytics" {
  count                  = var.enable_analytics_notebook ? 1 : 0
  name                   = "train-analytics"
  role_arn               = aws_iam_role.training.arn
  instance_type          = "ml.t3.large"
  direct_internet_access = "Enabled"
}

resource "aws_sagemaker_notebook_instance" "reports" {
  name                   = "weekly-reports"
  role_arn               = aws_iam_role.analytics.arn
  instance_type          = "ml.t3.medium"
  direct_internet_access = "Enabled"
}

resource "aws_security_group" "sagemaker" {
  name   = "fathom-sagemaker"
  vpc_id = var.vpc_id
}

variable "vpc_id" {
  type    = string
  default = "vpc-0f3e2d1c0b9a87654"
}

variable "private_subnet_ids" {
  type    = list(string)
  default = ["subnet-0aa11bb22cc33dd44", "subnet-0ee55ff66aa77bb88"]
}
