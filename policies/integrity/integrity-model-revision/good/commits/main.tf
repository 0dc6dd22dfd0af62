resource "aws_sagemaker_model" "chat" {
  name               = "chat"
  execution_role_arn = "arn:aws:iam::111122223333:role/serving"
  primary_container {
    image = "763104351884.dkr.ecr.us-east-1.amazonaws.com/huggingface-pytorch-tgi-inference:2.4"
    environment = {
      HF_MODEL_ID       = "mistralai/Mistral-7B-v0.1"
      HF_MODEL_REVISION = "0123456789abcdef0123456789abcdef01234567"
    }
  }
}
