resource "aws_s3_bucket" "weights" {
  bucket = "lab-model-weights"
}

variable "signed" {
  type = bool
}

resource "github_branch_protection" "main" {
  repository_id          = "infra"
  pattern                = "main"
  require_signed_commits = var.signed  # unknown: integrity-deploy-approval
  required_pull_request_reviews {
    require_code_owner_reviews = true
  }
}
