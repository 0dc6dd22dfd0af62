resource "aws_sagemaker_model" "serve" { # broken: egress-training-isolation
  name               = "serve"
  execution_role_arn = "arn:aws:iam::111122223333:role/serve"

  primary_container {
    image          = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/serve@sha256:0000000000000000000000000000000000000000000000000000000000000000"
    model_data_url = "s3://lab-weights/release/model.tar.gz"
  }
}
