resource "aws_sagemaker_notebook_instance" "quick_look" {
  name          = "quick-look"
  role_arn      = aws_iam_role.notebooks.arn
  instance_type = "ml.t3.medium"
}
