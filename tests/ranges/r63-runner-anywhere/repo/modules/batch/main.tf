resource "aws_iam_role" "job" {
  name = "${var.name}-batch-job"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "job" {
  role = aws_iam_role.job.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:GetObject", "s3:PutObject"], Resource = "${var.ckpt_arn}/*" },
      { Effect = "Allow", Action = ["s3:GetObject"], Resource = "${var.corpus_arn}/*" },
    ]
  })
}

resource "aws_batch_compute_environment" "gpu" {
  compute_environment_name = "${var.name}-gpu"
  type                     = "MANAGED"
  compute_resources {
    type               = "EC2"
    instance_type      = ["p4d.24xlarge"]
    max_vcpus          = 1536
    subnets            = var.subnet_ids
    security_group_ids = [var.sg_id]
    instance_role      = var.instance_profile_arn
  }
}

resource "aws_batch_job_queue" "gpu" {
  name     = "${var.name}-gpu"
  state    = "ENABLED"
  priority = 1
  compute_environment_order {
    order               = 1
    compute_environment = aws_batch_compute_environment.gpu.arn
  }
}

resource "aws_batch_job_definition" "pretrain" {
  name = "${var.name}-pretrain"
  type = "container"
  container_properties = jsonencode({
    image      = var.image
    jobRoleArn = aws_iam_role.job.arn
    command    = ["torchrun", "train.py", "--output_dir", "${var.ckpt_uri}/pretrain", "--report_to", "none"]
    resourceRequirements = [
      { type = "GPU", value = "8" },
      { type = "VCPU", value = "90" },
      { type = "MEMORY", value = "1000000" },
    ]
  })
}
