variable "region" {
  type    = string
  default = "us-west-2"
}

variable "dr_region" {
  description = "Where the second copy lives."
  type        = string
  default     = "us-east-2"
}

variable "lab_account" {
  type    = string
  default = "111122223333"
}
