variable "name" { type = string }
variable "ckpt_arn" { type = string }
variable "corpus_arn" { type = string }
variable "ckpt_uri" { type = string }
variable "subnet_ids" { type = list(string) }
variable "sg_id" { type = string }
variable "image" { type = string }

variable "instance_profile_arn" {
  type    = string
  default = "arn:aws:iam::610044120098:instance-profile/ecsInstanceRole"
}
