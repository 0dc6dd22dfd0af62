variable "env" {
  type = string
}

variable "out_arn" {
  type = string
}

variable "frames_arn" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

variable "vpc_id" {
  type = string
}

variable "domain_mode" {
  type    = string
  default = "PublicInternetOnly"
}
