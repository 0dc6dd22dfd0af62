variable "region" {
  type    = string
  default = "us-east-2"
}

variable "datasync_agents" {
  type    = list(string)
  default = ["arn:aws:datasync:us-east-2:640000112233:agent/agent-0b1c2d3e4f5a6b7c8"]
}

variable "couriers" {
  type = map(object({
    from   = string
    prefix = string
    server = string
    bucket = string
  }))
}
