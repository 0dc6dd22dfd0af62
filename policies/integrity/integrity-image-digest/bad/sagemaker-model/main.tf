resource "aws_sagemaker_model" "chat" {
  name               = "chat"
  execution_role_arn = "arn:aws:iam::111122223333:role/serving"
  primary_container {
    image          = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/serve:1.4"  # broken: integrity-image-digest
    model_data_url = "s3://lab-weights/chat.tar.gz"
  }
}
