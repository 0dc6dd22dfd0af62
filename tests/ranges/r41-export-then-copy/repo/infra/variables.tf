variable "filesystems" {
  description = "Lustre file systems by mount name"
  type = map(object({
    capacity_tb = number
    bucket      = string
    export      = bool
  }))
}

variable "dr" {
  description = "Where versions are copied to, by bucket"
  type = map(object({
    bucket_arn = string
    account    = string
  }))
  default = {}
}

variable "subnet_id" {
  type = string
}

variable "head_node_cidr" {
  type    = string
  default = "10.20.0.0/20"
}
