resource "aws_ecs_task_definition" "train" {
  family       = "train"
  network_mode = "host" # broken: access-pod-privilege
  container_definitions = jsonencode([{
    name                 = "trainer"
    image                = "registry.acme.example/train/pretrain@sha256:3b1f0c6f2a1d7f0e9a8b7c6d5e4f30211f2e3d4c5b6a79880716253443526170"
    privileged           = true # broken: access-pod-privilege
    resourceRequirements = [{ type = "GPU", value = "4" }]
  }])
}

resource "aws_batch_job_definition" "eval" {
  name = "eval"
  type = "container"
  container_properties = jsonencode({
    image                = "registry.acme.example/train/pretrain@sha256:3b1f0c6f2a1d7f0e9a8b7c6d5e4f30211f2e3d4c5b6a79880716253443526170"
    user                 = "root" # broken: access-pod-privilege
    resourceRequirements = [{ type = "GPU", value = "1" }]
  })
}
