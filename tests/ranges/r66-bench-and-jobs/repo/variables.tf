variable "project_id" {
  type    = string
  default = "heron-research"
}

variable "region" {
  type    = string
  default = "europe-west4"
}

variable "workbenches" {
  type = map(object({
    machine_type = string
    runs_as      = string
    public_ip    = bool
  }))
}
