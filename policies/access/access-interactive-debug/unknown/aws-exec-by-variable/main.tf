variable "debug" {
  type = bool
}

resource "aws_ecs_task_definition" "finetune" {
  family = "finetune"
  container_definitions = jsonencode([{
    name    = "finetune"
    image   = "registry.osprey.example/finetune:4"
    command = ["python", "finetune.py", "--output_dir", "s3://osprey-frontier/checkpoints"]
    resourceRequirements = [{ type = "GPU", value = "8" }]
  }])
}

resource "aws_ecs_service" "finetune" {
  name                   = "finetune"
  task_definition        = aws_ecs_task_definition.finetune.arn
  enable_execute_command = var.debug # unknown: access-interactive-debug
}
