variable "name" {
  type = string
}

variable "kms_key_arn" {
  description = "The key that seals the bucket; the provider's own when absent."
  type        = string
  default     = null
}

variable "block_public_policy" {
  type    = bool
  default = true
}

variable "tags" {
  type    = map(string)
  default = {}
}
