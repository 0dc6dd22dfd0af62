variable "name" { type = string }
variable "task_role" { type = string }
variable "subnet" { type = string }
variable "group" { type = string }
variable "public" {
  type    = bool
  default = false
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 8192
  memory                   = 61440
  task_role_arn            = var.task_role

  container_definitions = jsonencode([{
    name  = "score"
    image = "888899990000.dkr.ecr.us-east-2.amazonaws.com/${var.name}@sha256:00c6a1d5bb5e1c5a4e2ab4f0d4c7ea0cf1e1c6c0b9d0b0f7a3a4b7d58e1f0aa1"
  }])
}

resource "aws_ecs_service" "this" {
  name            = var.name
  cluster         = "mill"
  launch_type     = "FARGATE"
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = 1

  network_configuration {
    subnets          = [var.subnet]
    security_groups  = [var.group]
    assign_public_ip = var.public
  }
}
