variable "region" {
  type    = string
  default = "us-east-2"
}

variable "env" {
  type = string
}

variable "enable_debug_notebook" {
  type    = bool
  default = false
}

variable "enable_analytics_notebook" {
  type    = bool
  default = false
}

variable "buckets" {
  type = map(object({
    reader_accounts = optional(list(string), [])
  }))
}
