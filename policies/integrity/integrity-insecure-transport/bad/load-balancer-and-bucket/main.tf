resource "aws_s3_bucket" "weights" {  # broken: integrity-insecure-transport
  bucket = "lab-model-weights"
}

resource "aws_s3_bucket" "checkpoints" {
  bucket = "lab-checkpoints"
}

resource "aws_s3_bucket_policy" "checkpoints" {
  bucket = aws_s3_bucket.checkpoints.id
  policy = jsonencode({  # broken: integrity-insecure-transport
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = "*"
      Condition = { Bool = { "aws:MultiFactorAuthPresent" = "false" } }
    }]
  })
}

resource "aws_instance" "server" {
  ami           = "ami-0abc"
  instance_type = "p5.48xlarge"
}

resource "aws_lb_target_group" "server" {
  name = "server"
  port = 8000
}

resource "aws_lb_target_group_attachment" "server" {
  target_group_arn = aws_lb_target_group.server.arn
  target_id        = aws_instance.server.id
}

resource "aws_lb_listener" "server" {
  load_balancer_arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/x/1"
  port              = 80
  protocol          = "HTTP"  # broken: integrity-insecure-transport
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.server.arn
  }
}
