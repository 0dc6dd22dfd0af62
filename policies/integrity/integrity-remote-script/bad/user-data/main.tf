resource "aws_instance" "trainer" {
  ami           = "ami-0abc"
  instance_type = "p5.48xlarge"
  user_data     = <<-EOT
    #!/bin/bash
    curl -sSL https://get.example.org/agent.sh | bash  # broken: integrity-remote-script
  EOT
}

resource "aws_launch_template" "nodes" {
  instance_type = "p4d.24xlarge"
  user_data = base64encode(<<-EOT
    #!/bin/bash
    wget -qO- https://get.example.org/node.sh | sh  # broken: integrity-remote-script
  EOT
  )
}

resource "aws_sagemaker_notebook_instance_lifecycle_configuration" "notebooks" {
  name = "notebooks"
  on_start = base64encode(<<-EOT
    curl -sSL https://get.example.org/kernel.sh | bash  # broken: integrity-remote-script
  EOT
  )
}
