provider "aws" {
  region = "us-west-2"
}

resource "aws_s3_bucket" "weights" {
  bucket = "acme-weights"
}

variable "far" {
  type = bool
}

resource "aws_sagemaker_model" "serving" {
  count              = var.far ? 1 : 0
  provider           = aws.far
  name               = "serving"
  execution_role_arn = "arn:aws:iam::111122223333:role/serving"

  primary_container {
    image          = "111122223333.dkr.ecr.ap-east-1.amazonaws.com/serving:1"
    model_data_url = "s3://acme-weights/release/model.tar.gz"
  }
}

provider "aws" {
  alias  = "far"
  region = "ap-east-1" # unknown: weights-follow-scheduler
}
