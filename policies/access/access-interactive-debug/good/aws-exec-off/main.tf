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
  name            = "finetune"
  task_definition = aws_ecs_task_definition.finetune.arn
  desired_count   = 1
}

# A web shop: its shell leads to no weights.
resource "aws_ecs_task_definition" "shop" {
  family                = "shop"
  container_definitions = jsonencode([{ name = "shop", image = "registry.osprey.example/shop:1" }])
}

resource "aws_ecs_service" "shop" {
  name                   = "shop"
  task_definition        = aws_ecs_task_definition.shop.arn
  enable_execute_command = true
}
