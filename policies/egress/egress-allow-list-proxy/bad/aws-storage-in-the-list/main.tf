resource "aws_vpc" "main" {
  cidr_block = "10.8.0.0/16"
}

resource "aws_subnet" "train" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.8.1.0/24"
}

resource "aws_route_table" "train" {
  vpc_id = aws_vpc.main.id
}

resource "aws_route_table_association" "train" {
  subnet_id      = aws_subnet.train.id
  route_table_id = aws_route_table.train.id
}

resource "aws_security_group" "train" {
  name   = "train"
  vpc_id = aws_vpc.main.id

  egress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.8.0.0/16"]
  }
}

resource "aws_subnet" "inspect" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.8.2.0/28"
}

resource "aws_networkfirewall_rule_group" "hosts" {
  name     = "hosts"
  type     = "STATEFUL"
  capacity = 100

  rule_group {
    rules_source {
      rules_source_list {
        generated_rules_type = "ALLOWLIST"
        target_types         = ["TLS_SNI", "HTTP_HOST"]
        targets              = ["pypi.org", ".amazonaws.com"] # broken: egress-allow-list-proxy
      }
    }
  }
}

resource "aws_networkfirewall_firewall_policy" "main" {
  name = "main"

  firewall_policy {
    stateless_default_actions          = ["aws:forward_to_sfe"]
    stateless_fragment_default_actions = ["aws:forward_to_sfe"]
    stateful_default_actions           = ["aws:drop_strict"]

    stateful_engine_options {
      rule_order = "STRICT_ORDER"
    }

    stateful_rule_group_reference {
      priority     = 1
      resource_arn = aws_networkfirewall_rule_group.hosts.arn
    }
  }
}

resource "aws_networkfirewall_firewall" "main" {
  name                = "main"
  firewall_policy_arn = aws_networkfirewall_firewall_policy.main.arn
  vpc_id              = aws_vpc.main.id

  subnet_mapping {
    subnet_id = aws_subnet.inspect.id
  }
}

resource "aws_route" "out" {
  route_table_id         = aws_route_table.train.id
  destination_cidr_block = "0.0.0.0/0"
  vpc_endpoint_id        = tolist(aws_networkfirewall_firewall.main.firewall_status[0].sync_states)[0].attachment[0].endpoint_id
}

resource "aws_ebs_volume" "checkpoints" {
  availability_zone = "eu-central-1a"
  size              = 4096
  tags              = { "mlsec/holds" = "weights" }
}

resource "aws_volume_attachment" "checkpoints" {
  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.checkpoints.id
  instance_id = aws_instance.trainer.id
}

resource "aws_instance" "trainer" {
  ami                    = "ami-0123456789abcdef0"
  instance_type          = "p5.48xlarge"
  subnet_id              = aws_subnet.train.id
  vpc_security_group_ids = [aws_security_group.train.id]
}
