resource "aws_sagemaker_notebook_instance" "quick_look" { # broken: weights-to-notebook
  name          = "quick-look"
  role_arn      = aws_iam_role.trainer.arn
  instance_type = "ml.t3.medium"
}
