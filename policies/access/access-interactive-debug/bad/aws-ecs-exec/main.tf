resource "aws_s3_bucket" "frontier" {
  bucket = "osprey-frontier"
}

resource "aws_ecs_task_definition" "finetune" {
  family       = "finetune"
  network_mode = "awsvpc"
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
  desired_count          = 1
  enable_execute_command = true # broken: access-interactive-debug
}
