variable "conditions" {
  type = any
}

resource "aws_s3_bucket" "checkpoints" {
  bucket = "lab-checkpoints"

  tags = {
    "mlsec/holds" = "weights"
  }
}

resource "aws_iam_role" "trainer" {
  name               = "trainer"
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "sagemaker.amazonaws.com" } # unknown: access-confused-deputy
      Action    = "sts:AssumeRole"
      Condition = var.conditions
    }]
  })
}

resource "aws_iam_role_policy" "trainer_reads" {
  role = aws_iam_role.trainer.id
  policy = jsonencode({
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${aws_s3_bucket.checkpoints.arn}/*"
    }]
  })
}
